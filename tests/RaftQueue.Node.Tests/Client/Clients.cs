using RaftQueue.Client;

namespace RaftQueue.Node.Tests.Client;

/// <summary>Clients of fake nodes.</summary>
internal static class Clients
{
    public static Task<RaftQueueClient> ConnectAsync(params FakeNode[] nodes) => ConnectAsync(_ => { }, nodes);

    public static Task<RaftQueueClient> ConnectAsync(Action<RaftQueueClientOptions> configure, params FakeNode[] nodes)
    {
        var options = new RaftQueueClientOptions { KeepAliveInterval = TimeSpan.FromMilliseconds(200), ConnectTimeout = Eventually.Deadline };
        foreach (var node in nodes)
            options.Nodes.Add(node.Address);
        configure(options);
        return RaftQueueClient.ConnectAsync(options);
    }
}
