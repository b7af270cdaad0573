# One image for every node; docker-compose.yml tells them apart by their environment.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/RaftQueue.Server -c Release -o /app

FROM mcr.microsoft.com/dotnet/runtime:10.0
WORKDIR /app
COPY --from=build /app .
COPY hocon hocon
# The data directory belongs to the user the node runs as.
RUN useradd --system --uid 1000 raftqueue && mkdir -p /var/lib/raftqueue && chown raftqueue /var/lib/raftqueue
USER raftqueue
VOLUME /var/lib/raftqueue
EXPOSE 7000
ENTRYPOINT ["dotnet", "RaftQueue.Server.dll"]
CMD ["--config", "hocon/container.conf"]
