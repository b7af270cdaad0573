using Akka.Configuration;
using RaftQueue.Client;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

public sealed class ConnectionTests
{
    private readonly FakeQueue _queue = new();

    [Fact]
    public async Task Queues_are_listed_over_all_groups_and_their_leaders()
    {
        await using var a = FakeNode.Leading(request => request is ListQueues ? new QueueList([_queue.StatsOf(new QueueName("zebra"))]) : null, "a");
        await using var b = FakeNode.Leading(request => request is ListQueues ? new QueueList([_queue.StatsOf(new QueueName("ant"))]) : null, "b");
        a.Cluster = b.Cluster = [a, b];
        a.Leaders = b.Leaders = [a, b];
        await using var client = await Clients.ConnectAsync(a);

        var queues = await client.ListQueuesAsync().InTime();

        Assert.Equal(["ant", "zebra"], queues.Select(stats => stats.Queue.Value));
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F07_All_pages_of_a_list_are_fetched_each_after_the_last_name_of_the_one_before()
    {
        var names = Enumerable.Range(0, 5).Select(i => new QueueName($"queue-{i}")).ToList();
        await using var node = FakeNode.Leading(request => request is ListQueues list ? PageOf(names, list) : null);
        await using var client = await Clients.ConnectAsync(node);

        var queues = await client.ListQueuesAsync("queue-").InTime();

        Assert.Equal(names, queues.Select(stats => stats.Queue));
        Assert.Equal(
            [new ListQueues("queue-"), new ListQueues("queue-", names[1]), new ListQueues("queue-", names[3])],
            node.Heard<QueryRequest>().Select(request => request.Query));
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F07_A_question_beyond_its_bounds_is_refused_before_it_is_sent()
    {
        await using var node = FakeNode.Leading(_ => null);
        await using var client = await Clients.ConnectAsync(node);

        var refused = await Assert.ThrowsAnyAsync<RaftQueueException>(() => client.ListQueuesAsync(new string('q', 2_000_000)).InTime());

        Assert.Equal(RefusalCode.InvalidName, refused.Code);
        Assert.Contains("Nothing was sent: prefix", refused.Message);
        Assert.Empty(node.Heard<QueryRequest>());
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F07_An_actor_system_whose_frames_are_too_small_for_our_messages_is_not_joined()
    {
        using var system = Akka.Actor.ActorSystem.Create("app", "akka { loglevel = OFF, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }");
        var options = new RaftQueueClientOptions { Nodes = { "127.0.0.1:1" } };

        var refusal = await Assert.ThrowsAsync<RaftQueueConfigurationException>(() => RaftQueueClient.ConnectAsync(system, options));

        Assert.Equal("akka.remote.dot-netty.tcp.maximum-frame-size", refusal.Path);
        Assert.Contains($"at least {Bounds.MinFrameBytes}", refusal.Message);
        await system.Terminate();
    }

    private QueueList PageOf(List<QueueName> names, ListQueues list)
    {
        var page = names.Where(name => list.After is not { } after || name.CompareTo(after) > 0).Take(3).ToList();
        return new QueueList([.. page.Take(2).Select(_queue.StatsOf)]) { HasMore = page.Count > 2 };
    }

    [Fact]
    public async Task The_status_of_a_node_is_asked_of_that_node()
    {
        await using var leader = FakeNode.Leading(_ => null, "a");
        await using var other = FakeNode.Following("b");
        leader.Cluster = other.Cluster = [leader, other];
        other.Script = request => request is AdminRequest { Command: GetStatus } admin
            ? new ReplicaStatus(other.Name, Incarnation.Unknown, admin.Group, "Follower", new Term(3), leader.Name, new LogIndex(1), new LogIndex(2), new LogIndex(2), new LogIndex(2), LogIndex.Zero, "d", Configuration.Empty, [], true, "")
            : null;
        await using var client = await Clients.ConnectAsync(leader);

        Assert.Equal("Follower", (await client.Admin.GetStatusAsync("b").InTime()).Role);
        var problem = await Assert.ThrowsAsync<RaftQueueException>(() => client.Admin.GetStatusAsync("c").InTime());
        Assert.Contains("a, b", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connecting_to_nobody_says_who_was_asked()
    {
        var options = new RaftQueueClientOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) };
        options.Nodes.Add("127.0.0.1:1");

        var problem = await Assert.ThrowsAsync<ConnectFailedException>(() => RaftQueueClient.ConnectAsync(options).InTime());

        Assert.Contains("akka.tcp://raftqueue@127.0.0.1:1", problem.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => RaftQueueClient.ConnectAsync(new RaftQueueClientOptions()));
    }

    [Fact]
    public async Task A_call_is_cancelled_at_once()
    {
        await using var node = FakeNode.Leading(_ => null);
        await using var client = await Clients.ConnectAsync(node);
        using var cancellation = new CancellationTokenSource();

        var call = client.DeclareQueueAsync("orders", cancellation: cancellation.Token);
        await Eventually.HearAsync(node.HeardCommands<DeclareQueue>);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.InTime());
    }

    [Fact]
    public async Task A_refusal_is_thrown_with_its_code_and_message()
    {
        await using var node = FakeNode.Leading(_ => new Refused(RefusalCode.ConflictingOptions, "Lease is 60 s there and 5 s here"));
        await using var client = await Clients.ConnectAsync(node);

        var problem = await Assert.ThrowsAsync<RaftQueueException>(() => client.DeclareQueueAsync("orders").InTime());
        Assert.Equal((RefusalCode.ConflictingOptions, "Lease is 60 s there and 5 s here"), (problem.Code, problem.Message));
        problem = await Assert.ThrowsAsync<RaftQueueException>(() => client.DeclareQueueAsync("or ders").InTime());
        Assert.Equal(RefusalCode.InvalidName, problem.Code);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F03_A_refusal_is_passed_on_with_what_the_node_knows_of_the_outcome()
    {
        await using var node = FakeNode.Leading(_ => new Refused(RefusalCode.MembershipRefused, "it lost leadership") { OutcomeUnknown = true });
        await using var client = await Clients.ConnectAsync(node);

        Assert.True((await Assert.ThrowsAsync<RaftQueueException>(() => client.Admin.AddMemberAsync("d").InTime())).OutcomeUnknown);
    }

    [Fact]
    public async Task A_deletion_whose_answer_was_lost_is_not_an_error_at_the_second_attempt()
    {
        var isFirst = true;
        await using var node = FakeNode.Leading(_ => Interlocked.Exchange(ref isFirst, false) ? null : new Refused(RefusalCode.UnknownQueue, "no such queue"));
        await using var client = await Clients.ConnectAsync(options => options.AttemptTimeout = TimeSpan.FromMilliseconds(300), node);

        await client.DeleteQueueAsync("orders").InTime();
        await Assert.ThrowsAsync<QueueNotFoundException>(() => client.DeleteQueueAsync("orders").InTime());
    }

    [Fact]
    public async Task What_a_silent_leader_was_sent_goes_to_its_successor_as_soon_as_that_is_announced()
    {
        await using var silent = FakeNode.Leading(_ => null, "a");
        await using var successor = FakeNode.Following("b");
        silent.Cluster = successor.Cluster = [silent, successor];
        successor.Script = _queue.Answer;
        // Long enough that the test would fail by its deadline, were the attempt to run out first.
        await using var client = await Clients.ConnectAsync(options => options.AttemptTimeout = options.RequestTimeout = 2 * Eventually.Deadline, silent);
        await Eventually.HearAsync(() => successor.Heard<Hello>().Where(hello => hello.WantsNews));

        var declaring = client.DeclareQueueAsync("orders");
        await Eventually.HearAsync(silent.HeardCommands<DeclareQueue>);
        successor.Push(new Welcome(0, [new GroupLeader(new GroupId(0), successor.Name, new Term(2))], [silent.AsAddress, successor.AsAddress]));

        Assert.True(await declaring.InTime());
    }

    [Fact]
    public async Task A_joined_actor_system_is_left_running()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        using var system = Akka.Actor.ActorSystem.Create("application", ConfigurationFactory.ParseString(
            "akka { actor.provider = remote, loglevel = WARNING, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0, maximum-frame-size = 1 MiB } }"));
        var options = new RaftQueueClientOptions();
        options.Nodes.Add(node.Address);

        await using (var client = await RaftQueueClient.ConnectAsync(system, options).InTime())
            Assert.True(await client.DeclareQueueAsync("orders").InTime());

        Assert.False(system.WhenTerminated.IsCompleted);
        await system.Terminate();
    }

    [Fact]
    public void The_reference_gives_the_defaults_of_the_options()
    {
        var read = RaftQueueClientOptions.From(Config.Empty);
        var written = new RaftQueueClientOptions();

        Assert.Equal(written.Nodes, read.Nodes);
        string[] apart = [nameof(RaftQueueClientOptions.SystemConfig), nameof(RaftQueueClientOptions.Nodes)];
        foreach (var property in typeof(RaftQueueClientOptions).GetProperties().Where(property => property.CanWrite && !apart.Contains(property.Name)))
            Assert.Equal((property.Name, property.GetValue(written)), (property.Name, property.GetValue(read)));
    }

    [Theory]
    [InlineData("raftqueue.client.nodez = []", "raftqueue.client.nodez")]
    [InlineData("raftqueue.client.producer { max-inflight = 3 }", "raftqueue.client.producer.max-inflight")]
    [InlineData("raftqueue.client.producer = 3", "raftqueue.client.producer")]
    [InlineData("raftqueue.client.request-timeout = soon", "raftqueue.client.request-timeout")]
    [InlineData("raftqueue.client.consumer.prefetch = many", "raftqueue.client.consumer.prefetch")]
    [InlineData("raftqueue.client.consumer.auto-extend = maybe", "raftqueue.client.consumer.auto-extend")]
    [InlineData("raftqueue.client.max-frame-bytes = large", "raftqueue.client.max-frame-bytes")]
    [InlineData("raftqueue.client.nodes = \"a:1\"", "raftqueue.client.nodes")]
    public void A_wrong_key_or_value_is_refused_by_its_path(string hocon, string path)
    {
        var problem = Assert.Throws<RaftQueueConfigurationException>(() => RaftQueueClientOptions.From(ConfigurationFactory.ParseString(hocon)));
        Assert.Equal(path, problem.Path);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F23_Nodes_are_copied_when_they_are_assigned_and_none_may_be_missing()
    {
        string[] nodes = ["127.0.0.1:7001"];
        var options = new RaftQueueClientOptions { Nodes = nodes };
        nodes[0] = "127.0.0.1:7009";
        options.Nodes.Add("127.0.0.1:7002");

        Assert.Equal(["127.0.0.1:7001", "127.0.0.1:7002"], options.Nodes);
        Assert.Throws<ArgumentNullException>(() => options.Nodes = null!);
        options.Nodes = ["127.0.0.1:7001", " "];
        Assert.Contains("Nodes[1] is empty", Assert.Throws<ArgumentException>(options.Check).Message);
    }

    [Fact]
    public void Addresses_are_what_people_write()
    {
        Assert.Equal<string>(["akka.tcp://rq@10.0.0.1:7001", "akka.tcp://other@h:1"], NodeAddresses.Resolve(["10.0.0.1:7001", "akka.tcp://other@h:1"], "rq").ToArray());
        Assert.Throws<RaftQueueConfigurationException>(() => NodeAddresses.Resolve(["nonsense"], "rq"));
        Assert.Throws<RaftQueueConfigurationException>(() => NodeAddresses.Resolve(["host:port"], "rq"));
    }
}
