using System.Text.RegularExpressions;
using RaftQueue.Client;
using RaftQueue.Node.Tests.Storage;

namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>
/// docker-compose.yml without Docker: each service's own command with its own environment as a process, where the names of services become loopback addresses
/// and volumes become temporary folders.
/// </summary>
[Collection(ProgramsCollection.Name)]
public sealed class ComposeTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, RunningProgram> _running = [];
    private readonly IReadOnlyList<ComposeService> _services = ComposeFile.Read(Path.Combine(Repository.Root, "docker-compose.yml"));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var server in _running.Values)
            await server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_services_of_the_compose_file_form_a_cluster_that_takes_a_message_and_is_healthy()
    {
        Assert.Equal(3, _services.Count);
        foreach (var service in _services)
            _running[service.Name] = RunningProgram.Start(Programs.Server, service.Command, EnvironmentOf(service));

        var options = new RaftQueueClientOptions { ConnectTimeout = Programs.Deadline, WaitForNodes = true, RequestTimeout = Programs.Deadline };
        foreach (var service in _services)
            options.Nodes.Add($"{AddressOf(service.Name)}:7000");
        await using (var client = await RaftQueueClient.ConnectAsync(options))
        {
            await client.DeclareQueueAsync("compose");
            await using var producer = client.CreateProducer<string>("compose");
            await producer.SendAsync("hello");
            var received = Assert.Single(await client.ReceiveAsync<string>("compose", wait: TimeSpan.FromSeconds(10)));
            Assert.Equal("hello", received.Payload);
            await received.AckAsync();
        }

        foreach (var service in _services)
            await AssertHealthAsync(service, isHealthy: true);
        await AssertItNoticesALostMajorityAsync();
    }

    private async Task AssertItNoticesALostMajorityAsync()
    {
        foreach (var service in _services.Skip(1))
            await _running[service.Name].KillAsync();
        await AssertHealthAsync(_services[0], isHealthy: false);
    }

    // A node needs a moment to notice, and an orchestrator asks again; so do we.
    private async Task AssertHealthAsync(ComposeService service, bool isHealthy)
    {
        using var deadline = new CancellationTokenSource(Programs.Deadline);
        while (true)
        {
            await using var health = RunningProgram.Start(Programs.Server, service.HealthCheck, EnvironmentOf(service));
            var exitCode = await health.ExitAsync(Programs.Deadline);
            if (exitCode == (isHealthy ? 0 : 1))
            {
                Assert.StartsWith(isHealthy ? "healthy: " : "raftqueue: unhealthy: ", isHealthy ? health.Output : health.Errors, StringComparison.Ordinal);
                return;
            }

            Assert.False(deadline.IsCancellationRequested, $"exit code {exitCode}: {health.Output}{health.Errors}");
        }
    }

    private Dictionary<string, string> EnvironmentOf(ComposeService service)
    {
        var environment = service.Environment.ToDictionary(
            variable => variable.Key, variable => IsAddress(variable.Key) ? WithAddresses(variable.Value) : variable.Value);
        Assert.Equal("/var/lib/raftqueue", Assert.Single(service.Volumes)); // where hocon/container.conf puts the data
        environment["RAFTQUEUE_DATA"] = _folder.PathOf(service.Name);
        return environment;
    }

    private static bool IsAddress(string variable) => variable is "RAFTQUEUE_HOSTNAME" or "RAFTQUEUE_SEEDS";

    private string WithAddresses(string value) => _services.Aggregate(
        value, (text, service) => Regex.Replace(text, $@"\b{service.Name}\b", AddressOf(service.Name)));

    private string AddressOf(string service) => $"127.0.0.{11 + _services.ToList().FindIndex(other => other.Name == service)}";
}
