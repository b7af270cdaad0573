using System.CommandLine;
using RaftQueue.Contracts.Addressing;

namespace RaftQueue.Server.Operating;

/// <summary>Asks one node whether it does what it should; the exit code says so to an orchestrator.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var configs = ConfigOption.Create("The node's own HOCON files; with the environment they say where it listens.");
        var node = new Option<string?>("--node") { Description = "Ask the node at this address instead.", HelpName = "host:port" };
        var command = new Command("health", "Asks one node whether it is healthy: exit code 0, or 1 and the reason.") { configs, node };
        command.SetAction((parsed, stop) => Failures.ReportAsync(() => RunAsync(parsed.GetValue(node), parsed.GetValue(configs) ?? [], stop)));
        return command;
    }

    private static async Task<int> RunAsync(string? address, string[] paths, CancellationToken stop)
    {
        var (client, asked) = await ClusterConnection.OpenNodeAsync(address, paths, stop);
        await using var _ = client;
        var nodes = await client.Admin.ListNodesAsync(stop);
        if (nodes.FirstOrDefault(node => IsAt(node.Address, asked)) is not { } found)
            return Failures.Report($"unhealthy: the node at {asked} goes by another address; known are {string.Join(", ", nodes.Select(node => node.Address))}.", ExitCodes.Failed);

        var groups = await client.Admin.CountGroupsAsync(stop);
        var replicas = await Task.WhenAll(Enumerable.Range(0, groups).Select(group => client.Admin.GetStatusAsync(found.Node.Value, group, stop)));
        if (replicas.FirstOrDefault(replica => !replica.IsHealthy) is { } ill)
            return Failures.Report($"unhealthy: {found.Node}, group {ill.Group}, {ill.Role} of term {ill.Term}: {ill.Health}", ExitCodes.Failed);

        foreach (var replica in replicas)
            Console.WriteLine($"healthy: {found.Node}, group {replica.Group}, {replica.Role} of term {replica.Term}, leader {replica.Leader}, applied {replica.AppliedIndex}");
        return ExitCodes.Success;
    }

    private static bool IsAt(string akkaAddress, string hostAndPort) =>
        HostAndPort.TryParseAkka(akkaAddress, out var address, out _)
        && HostAndPort.TryParse(hostAndPort, out var asked, out _)
        && new HostAndPort(address.Host!, address.Port!.Value).IsSameAs(asked);
}
