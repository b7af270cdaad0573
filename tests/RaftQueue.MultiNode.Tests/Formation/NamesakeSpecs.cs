using Akka.Configuration;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.Node;

namespace RaftQueue.MultiNode.Tests.Formation;

/// <summary>Of two nodes of one name the second stops; one that comes back somewhere else, or with nothing, is not a second.</summary>
[Trait("Category", "Fault")]
public sealed class NamesakeSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("raftqueue-namesake-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)] // the one of its name
    [InlineData(1)] // another node, which brings the two together
    public async Task F27_A_second_node_of_a_name_stops_and_the_first_goes_on(int seed)
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var (port, first) = (Loopback.FreePorts(1)[0], cluster.Nodes[0]);

        await using var second = RaftQueueNode.Start(Config(port, cluster.Nodes[seed].Address));

        var termination = await second.Terminated.WaitAsync(Eventually.Deadline);
        Assert.Equal(NodeTerminationCause.NameTaken, termination.Cause);
        Assert.Contains(first.Address, termination.Reason);
        Assert.Contains($"{Loopback.Host}:{port}", termination.Reason);
        await Eventually.HoldsAsync("the first still follows a leader", async () => await first.StatusAsync() is { Leader: not null });
        await cluster.LeaderAsync();
    }

    [Fact]
    public async Task F27_A_node_that_comes_back_elsewhere_and_with_nothing_is_taken_in()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await cluster.Nodes[0].CrashAsync();

        await using var moved = RaftQueueNode.Start(Config(Loopback.FreePorts(1)[0], cluster.Nodes[1].Address));

        await Eventually.HoldsAsync("the others have sent it the log, as a member", async () =>
        {
            var seen = await cluster.Nodes[1].StatusAsync();
            return seen?.Members.Find(moved.Settings.Node) is not null && moved.Terminated.IsCompleted is false
                && (await cluster.Nodes[1].HasLoggedAsync($"Node n1 is at {moved.Address}"));
        });
        Assert.False(moved.Terminated.IsCompleted);
    }

    private Config Config(int port, string seed) => NodeConfig.Of("n1", port, _folder, [], [seed], ClusterOptions.Default);
}
