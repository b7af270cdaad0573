using Akka.Actor;
using Akka.Configuration;
using RaftQueue.Client.Configuring;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Remoting;
using RaftQueue.Contracts.Tls;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Client.Connection;

/// <summary>The actor system that a client lives in: its own, or one that it joined and leaves running.</summary>
internal sealed class ClientSystem(ActorSystem system, bool isOwn)
{
    public ActorSystem System => system;

    public static ClientSystem Start(RaftQueueClientOptions options)
    {
        var own = ConfigurationFactory.ParseString($$"""
            {{TransportSettings.Section}} {
              hostname = "{{options.Hostname}}"
              maximum-frame-size = {{options.MaxFrameBytes}}b
              send-buffer-size = {{2L * options.MaxFrameBytes}}b
              receive-buffer-size = {{2L * options.MaxFrameBytes}}b
            }
            """);
        var config = own
            .WithFallback(TlsSettings.Complete(options.SystemConfig)).WithFallback(ClientHocon.Reference)
            .WithFallback(RaftQueueSerializer.Config).WithFallback(SocketTransport.Default);
        return new ClientSystem(ActorSystem.Create("raftqueue-client", config), isOwn: true);
    }

    /// <summary>Whether connections of the application's system are TLS.</summary>
    public static bool IsEncrypted(ActorSystem system) => system.Settings.Config.GetBoolean($"{TransportSettings.Section}.enable-ssl", false);

    public static ClientSystem Join(ActorSystem system)
    {
        TransportSettings.LargestFrameOf(system.Settings.Config.GetConfig(TransportSettings.Section), system.Settings.Config);
        var serialization = ((ExtendedActorSystem)system).Serialization;
        if (serialization.FindSerializerForType(typeof(Hello)) is not RaftQueueSerializer)
        {
            var serializer = new RaftQueueSerializer((ExtendedActorSystem)system);
            serialization.AddSerializer("raftqueue", serializer);
            serialization.AddSerializationMap(typeof(IClientMessage), serializer);
        }

        return new ClientSystem(system, isOwn: false);
    }

    public Task StopAsync() => isOwn ? system.Terminate() : Task.CompletedTask;
}
