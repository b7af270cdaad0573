using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RaftQueue.Client;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts.Client;
using RaftQueue.Node.Tests.Hosting;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

/// <summary>Why no node can be reached is named, and at once where it is known at once.</summary>
[Trait("Category", "Fault")]
public sealed class ConnectFailureTests
{
    // Nobody waits that long for what is known at once.
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task F26_A_port_at_which_nobody_listens_is_named_at_once()
    {
        using var closed = new ClosedPorts(2);

        var failed = await FailAsync(options => options.Nodes = [.. closed.Ports.Select(port => $"127.0.0.1:{port}")]);

        Assert.Equal([ConnectFailureKind.Refused, ConnectFailureKind.Refused], failed.Failures.Select(failure => failure.Kind));
        Assert.All(closed.Ports, port => Assert.Contains($"127.0.0.1:{port}: the connection was refused", failed.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task F26_A_host_that_nobody_knows_is_named_at_once()
    {
        var failed = await FailAsync(options => options.Nodes = ["nowhere.invalid:7001"]);

        Assert.Equal(ConnectFailureKind.UnknownHost, Assert.Single(failed.Failures).Kind);
        Assert.Contains("nowhere.invalid:7001: there is no host of that name", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F26_A_node_of_an_actor_system_of_another_name_is_named_at_once_with_the_setting()
    {
        await using var node = FakeNode.Leading(_ => null);

        var failed = await FailAsync(options =>
        {
            options.Nodes = [node.Address.Replace("akka.tcp://raftqueue@", "", StringComparison.Ordinal)];
            options.SystemName = "other";
        });

        Assert.Equal(ConnectFailureKind.OtherSystem, Assert.Single(failed.Failures).Kind);
        Assert.Contains("of the actor system \"raftqueue\", not of \"other\" (raftqueue.client.system-name)", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F26_What_closes_the_connection_before_it_says_who_it_is_is_named()
    {
        using var stranger = new TcpListener(IPAddress.Loopback, 0);
        stranger.Start();
        _ = CloseAllAsync(stranger);

        var failed = await FailAsync(options => options.Nodes = [stranger.LocalEndpoint.ToString()!]);

        Assert.Equal(ConnectFailureKind.Closed, Assert.Single(failed.Failures).Kind);
        Assert.Contains("raftqueue.tls.enabled", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F26_A_node_that_can_still_come_is_waited_for_and_then_named()
    {
        using var closed = new ClosedPorts(1);
        var options = new RaftQueueClientOptions
        {
            Nodes = [$"127.0.0.1:{closed.Ports[0]}"],
            ConnectTimeout = TimeSpan.FromSeconds(1),
            WaitForNodes = true,
        };
        var clock = Stopwatch.StartNew();

        var failed = await Assert.ThrowsAsync<ConnectFailedException>(() => RaftQueueClient.ConnectAsync(options).InTime());

        Assert.True(clock.Elapsed >= options.ConnectTimeout, $"It gave up after {clock.Elapsed}.");
        Assert.Equal(ConnectFailureKind.Refused, Assert.Single(failed.Failures).Kind);
    }

    [Fact]
    public async Task F26_One_node_that_answers_is_enough_whatever_the_others_do()
    {
        using var closed = new ClosedPorts(2);
        await using var node = FakeNode.Leading(_ => null);

        await using var client = await Clients.ConnectAsync(
            options => options.Nodes = [.. closed.Ports.Select(port => $"127.0.0.1:{port}"), "nowhere.invalid:1", node.Address]);

        Assert.Equal([node.Name], (await client.Admin.ListNodesAsync().InTime()).Select(known => known.Node));
    }

    [Fact]
    public async Task F26_While_there_is_no_leader_the_client_says_what_the_nodes_wait_for()
    {
        const string awaited = "Founding the cluster waits for n2, n3. The first start needs all of n1, n2, n3.";
        await using var node = FakeNode.Following("n1");
        node.Awaited = awaited;
        await using var client = await Clients.ConnectAsync(
            options => (options.RequestTimeout, options.AttemptTimeout) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(300)), node);

        var timeout = await Assert.ThrowsAsync<RequestTimeoutException>(() => client.DeclareQueueAsync("orders").InTime());

        Assert.Contains($"group 0 has no leader ({node.Address}: {awaited})", timeout.Message, StringComparison.Ordinal);
        Assert.False(timeout.OutcomeUnknown);
    }

    [Fact]
    public void F26_Connections_that_are_closed_count_as_refused_only_when_that_repeats()
    {
        var progress = new ConnectProgress(["a"], waitsForNodes: false);
        var closed = new ConnectFailure("a", ConnectFailureKind.Closed, "closed");

        progress.Fail(closed);
        progress.Fail(closed);
        Assert.False(progress.Connected.IsCompleted);
        progress.Reached("a");
        progress.Fail(closed);
        progress.Fail(closed);
        Assert.False(progress.Connected.IsCompleted);
        progress.Fail(closed);

        Assert.True(progress.Connected.IsFaulted);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("[::ffff:127.0.0.1]")]
    public async Task F09_A_node_is_found_by_any_name_or_address_that_leads_to_it(string host)
    {
        await using var node = FakeNode.Leading(_ => null);

        await using var client = await Clients.ConnectAsync(options => options.Nodes = [$"{host}:{node.Address.Split(':')[^1]}"]);

        Assert.Equal(node.Address, Assert.Single(await client.Admin.ListNodesAsync().InTime()).Address);
    }

    private static async Task<ConnectFailedException> FailAsync(Action<RaftQueueClientOptions> configure)
    {
        var options = new RaftQueueClientOptions { ConnectTimeout = s_long };
        configure(options);
        return await Assert.ThrowsAsync<ConnectFailedException>(() => RaftQueueClient.ConnectAsync(options).InTime());
    }

    private static async Task CloseAllAsync(TcpListener listener)
    {
        try
        {
            while (true)
                (await listener.AcceptTcpClientAsync()).Dispose();
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
        }
    }
}
