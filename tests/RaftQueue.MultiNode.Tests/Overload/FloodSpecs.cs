using System.Net;
using System.Net.Sockets;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Overload;

/// <summary>
/// Clients that send or ask for more than the leader can take, over real sockets: it stays the leader, memory stays bounded, and others are
/// served.
/// </summary>
[Trait("Category", "Fault")]
public sealed class FloodSpecs
{
    private const string Queue = "flood";
    private const long Megabyte = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task F15_Peeks_of_a_client_that_does_not_read_leave_the_leader_in_place_and_memory_bounded()
    {
        const int peeks = 6_000;
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync(Queue);
        await using (var producer = client.CreateProducer<byte[]>(Queue))
            await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => producer.SendAsync(new byte[30 * 1024])));
        await using var load = await Load.StartAsync(client);
        var (leader, term) = await LeaderOfAsync(cluster);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        using var deaf = await SocketClient.OpenAsync(leader, 1);
        var flood = TellAllAsync(
            [deaf], Enumerable.Range(1, peeks).Select(i => new QueryRequest(i, new GroupId(0), new Peek(new QueueName(Queue), 1, 16))));
        var most = await MostMemoryAsync(() => flood.IsCompleted);

        Assert.True(await deaf.IsClosedAsync(Patience), "the connection is still open");
        // All answers together have 3 GB; half of the send buffers' limit is one client's share, and what is on its way to them comes on
        // top.
        Assert.InRange(most - before, 0, 300 * Megabyte);
        await IsAsBeforeAsync(cluster, load, leader, term);
    }

    [Fact]
    public async Task F15_A_flood_of_frames_over_many_connections_leaves_the_leader_in_place_and_memory_bounded()
    {
        const int connections = 100;
        const int frames = 2_000;
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var (leader, term) = await LeaderOfAsync(cluster);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clients = await Task.WhenAll(Enumerable.Range(1, connections).Select(number => SocketClient.OpenAsync(leader, number)));
        var noise = new QueryRequest(1, new GroupId(0), new GetQueueStats(new QueueName("load")));
        var reading = clients.Select(one => one.ReadAsync(CancellationToken.None)).ToList();

        // Two threads are as many as the nodes have cores, and enough to send more than they can take.
        var flood = Task.WhenAll(clients.Chunk(connections / 2).Select(half => TellAllAsync(half, Enumerable.Repeat(noise, frames))));
        var most = await MostMemoryAsync(() => flood.IsCompleted);

        Assert.InRange(most - before, 0, 400 * Megabyte);
        await IsAsBeforeAsync(cluster, load, leader, term);
        foreach (var one in clients)
            one.Dispose();
        await Task.WhenAll(reading);
    }

    [Fact]
    public async Task F15_Connections_without_a_handshake_are_closed_and_keep_nobody_out()
    {
        var options = ClusterOptions.Calm with
        {
            Hocon = "akka.remote.dot-netty.tcp { max-connections = 100, max-handshakes = 20, handshake-timeout = 2s }",
        };
        await using var cluster = await TestCluster.StartAsync(3, options);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var (leader, term) = await LeaderOfAsync(cluster);
        var silent = (await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => ConnectAsync(leader)))).OfType<Socket>().ToList();

        await using (var late = await cluster.ConnectAsync())
            Assert.NotEmpty(await late.ListQueuesAsync());

        foreach (var socket in silent)
            Assert.True(await EndsAsync(socket), "a connection that says nothing is still open");
        await IsAsBeforeAsync(cluster, load, leader, term);
    }

    // On a thread of its own: sending blocks, and the nodes share the thread pool of this process.
    private static Task TellAllAsync(SocketClient[] clients, IEnumerable<IClientMessage> messages) =>
        Task.Factory.StartNew(
            () => TellAll(clients, messages), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void TellAll(SocketClient[] clients, IEnumerable<IClientMessage> messages)
    {
        try
        {
            foreach (var message in messages)
                Array.ForEach(clients, client => client.Tell(message));
        }
        catch (SocketException)
        {
            // the node has closed the connection
        }
    }

    private static async Task<long> MostMemoryAsync(Func<bool> isOver)
    {
        // What each collection has left: to force one would stop all nodes, and that is a reason for an election.
        var most = 0L;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!isOver() && await pace.WaitForNextTickAsync())
            most = Math.Max(most, GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes);
        return most;
    }

    private static async Task<(TestNode Leader, Term Term)> LeaderOfAsync(TestCluster cluster)
    {
        var leader = await cluster.LeaderAsync();
        return (leader, (await leader.StatusAsync())!.Term);
    }

    private static async Task IsAsBeforeAsync(TestCluster cluster, Load load, TestNode leader, Term term)
    {
        await load.GoOnAsync();
        Assert.Equal((leader, term), await LeaderOfAsync(cluster));
        Assert.Empty(load.Failures);
    }

    // Null where it was closed before it was open.
    private static async Task<Socket?> ConnectAsync(TestNode node)
    {
        var target = new Uri(node.Address.Replace("akka.tcp", "tcp", StringComparison.Ordinal));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(target.Host), target.Port);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private static async Task<bool> EndsAsync(Socket socket)
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            return await socket.ReceiveAsync(new byte[16], deadline.Token) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            socket.Dispose();
        }
    }
}
