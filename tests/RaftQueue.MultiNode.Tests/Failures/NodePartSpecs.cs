using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.Node;
using RaftQueue.Node.Peers;
using RaftQueue.Node.Storage;

namespace RaftQueue.MultiNode.Tests.Failures;

/// <summary>A node of which a part has died does not live on as if it were well.</summary>
[Trait("Category", "Fault")]
public sealed class NodePartSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("raftqueue-parts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("/user/raftqueue", "the root of the node")]
    [InlineData("/user/raftqueue/gateway", "the gateway")]
    [InlineData("/user/raftqueue/peers", "the connection to the other nodes")]
    [InlineData("/user/raftqueue/group-0", "what starts group 0")]
    [InlineData("/user/raftqueue-supervisor", "what watches the parts of the node")]
    [InlineData("/system/" + StoragePlugins.JournalId, "the journal")]
    [InlineData("/system/" + StoragePlugins.SnapshotStoreId, "the snapshot store")]
    [InlineData("/system/endpointManager", "the connections of Akka.Remote")]
    public async Task F17_A_node_ends_when_an_actor_that_it_cannot_work_without_has_died(string path, string part)
    {
        await using var node = RaftQueueNode.Start(Config());
        await HasGatewayAsync(node);

        (await FindAsync(node, path)).Tell(Kill.Instance);

        var termination = await node.Terminated.WaitAsync(Eventually.Deadline);
        Assert.Equal(NodeTerminationCause.PartFailed, termination.Cause);
        Assert.StartsWith(part, termination.Reason);
        await node.WhenStopped.WaitAsync(Eventually.Deadline);
        await using var again = RaftQueueNode.Start(Config()); // its data directory is free
        await HasGatewayAsync(again);
    }

    [Fact]
    public async Task F17_A_node_ends_when_Akka_Cluster_has_died()
    {
        await using var node = RaftQueueNode.Start(Config());
        await HasGatewayAsync(node);

        (await FindAsync(node, "/system/cluster")).Tell(Kill.Instance); // Akka itself stops the system then

        await node.Terminated.WaitAsync(Eventually.Deadline);
        await node.WhenStopped.WaitAsync(Eventually.Deadline);
    }

    [Fact]
    public async Task F17_A_root_that_fails_at_a_message_starts_the_whole_node_again_from_its_disk()
    {
        await using var node = RaftQueueNode.Start(Config());
        var gateway = await HasGatewayAsync(node);

        node.Root.Tell(new GroupStarted(new GroupId(0), null!, null!));

        await Eventually.HoldsAsync("there is another gateway", async () => !gateway.Equals(await HasGatewayAsync(node)));
        await Eventually.HoldsAsync("it has a leader", async () =>
        {
            var welcome = await (await HasGatewayAsync(node)).Ask<Welcome>(new Hello(7), Eventually.Deadline);
            return welcome.Groups.Single().Leader is not null;
        });
        Assert.False(node.Terminated.IsCompleted);
    }

    [Theory]
    [InlineData("gateway")]
    [InlineData("peers")]
    public async Task F17_A_message_that_cannot_be_handled_is_dropped_and_costs_nothing_else(string part)
    {
        await using var node = RaftQueueNode.Start(Config());
        var gateway = await HasGatewayAsync(node);

        var actor = await FindAsync(node, $"/user/raftqueue/{part}");
        actor.Tell(new GroupStarted(new GroupId(0), null!, null!));
        actor.Tell(new GroupStarted(new GroupId(5), null!, null!));

        var welcome = await gateway.Ask<Welcome>(new Hello(7), Eventually.Deadline);
        Assert.Equal("n1", Assert.Single(welcome.Nodes).Node.Value);
        Assert.False(node.Terminated.IsCompleted);
    }

    [Fact]
    public async Task F17_A_node_that_is_stopped_says_that_it_was_stopped()
    {
        await using var node = RaftQueueNode.Start(Config());
        await node.StopAsync();

        Assert.Equal(NodeTerminationCause.Stopped, (await node.Terminated.WaitAsync(Eventually.Deadline)).Cause);
    }

    [Fact]
    public async Task F17_An_application_whose_node_has_died_is_stopped_and_can_ask_why()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddAkka("application", akka => akka.WithRaftQueue(Config()));
        using var host = builder.Build();
        await host.StartAsync();
        var stopping = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        var node = RaftQueueNode.Of(host.Services.GetRequiredService<ActorSystem>())!;
        await HasGatewayAsync(node);

        node.Root.Tell(PoisonPill.Instance);

        await stopping.Task.WaitAsync(Eventually.Deadline);
        Assert.Equal(NodeTerminationCause.PartFailed, (await node.Terminated.WaitAsync(Eventually.Deadline)).Cause);
        await host.StopAsync();
    }

    private static Task<IActorRef> HasGatewayAsync(RaftQueueNode node) => FindAsync(node, "/user/raftqueue/gateway");

    private static Task<IActorRef> FindAsync(RaftQueueNode node, string path) => Eventually.GivesAsync(
        $"{path} is there",
        async () => (await node.System.ActorSelection(path).Ask<ActorIdentity>(new Identify(path), Eventually.Deadline)).Subject);

    private Config Config() => NodeConfig.Of("n1", Loopback.FreePorts(1)[0], _folder, ["n1"], [], ClusterOptions.Default);
}
