using System.Net.Security;
using System.Net.Sockets;
using Akka.Actor;
using RaftQueue.Client;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Hocon;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Security;

/// <summary>TLS with certificates on both sides: who has a good one is let in, everybody else is refused by name, and the cluster goes on.</summary>
public sealed class TlsSpecs : IDisposable
{
    private readonly CertificateFolder _certificates = new();

    private ClusterOptions Encrypted => ClusterOptions.Default with { Certificates = _certificates.Path };

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task With_good_certificates_everything_works_and_a_killed_leader_is_replaced()
    {
        await using var cluster = await TestCluster.StartAsync(3, Encrypted);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());

        var leader = await cluster.LeaderAsync();
        await leader.CrashAsync();
        await cluster.LeaderAsync();
        await load.GoOnAsync();
        leader.Start();
        await cluster.LeaderAsync();

        await load.VerifyAsync();
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task While_authorities_change_certificates_of_the_old_and_the_new_work_together()
    {
        using var next = new CertificateFolder();
        _certificates.TakeOver(next, "n2");
        await using var cluster = await TestCluster.StartAsync(3, Encrypted);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());

        await load.VerifyAsync();
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task Whoever_speaks_plainly_is_not_heard()
    {
        await using var cluster = await TestCluster.StartAsync(3, Encrypted);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        await using var intruder = Intruder.WithoutTls();

        await RefusesAsync(cluster, load, intruder, "The TLS handshake with 127.0.0.1");
    }

    [Fact]
    public async Task Whoever_shows_no_certificate_is_refused_by_name()
    {
        await using var cluster = await TestCluster.StartAsync(3, Encrypted);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var node = Address.Parse(cluster.Nodes[0].Address);
        using var connection = new TcpClient(node.Host, node.Port!.Value);
        await using var tls = new SslStream(connection.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);

        // In TLS 1.3 the client's side of the handshake is done before the server has looked: the refusal is that it closes.
        await tls.AuthenticateAsClientAsync(node.Host);
        Assert.False(await IsOpenAsync(tls));

        await HasSaidAsync(cluster.Nodes[0], "(none) is refused: it shows none");
        await GoesOnAsync(cluster, load);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_by_name()
    {
        using var others = new CertificateFolder();
        await using var cluster = await TestCluster.StartAsync(3, Encrypted);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        await using var intruder = Intruder.With(others.Path, "n1");

        await RefusesAsync(cluster, load, intruder, "is none of our authorities");
    }

    [Fact]
    public async Task A_nodes_certificate_from_the_wrong_host_is_refused_by_name()
    {
        _certificates.Issue("stolen", ["10.255.255.1"]);
        await using var cluster = await TestCluster.StartAsync(3, Encrypted);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        await using var intruder = Intruder.With(_certificates.Path, "stolen");

        await RefusesAsync(cluster, load, intruder, "it is for 10.255.255.1, but it comes from 127.0.0.1");
    }

    [Fact]
    public async Task An_expired_certificate_is_refused_by_name()
    {
        _certificates.Issue("old", [Loopback.Host], life: TimeSpan.FromMinutes(-1));
        await using var cluster = await TestCluster.StartAsync(3, Encrypted);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        await using var intruder = Intruder.With(_certificates.Path, "old");

        await RefusesAsync(cluster, load, intruder, "it expired on");
    }

    [Theory]
    [InlineData("expired", "it expired on")]
    [InlineData("elsewhere", "it is for 10.255.255.1, not for the host in")]
    [InlineData("mere-client", "it is not meant for a node")]
    public async Task Whoever_stands_in_a_nodes_place_with_a_bad_certificate_is_refused_and_nobody_stops_for_it(string name, string why)
    {
        IssueBadOnes();
        await using var cluster = await TestCluster.StartAsync(3, Encrypted);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var leader = await cluster.LeaderAsync();
        var away = cluster.Without(leader)[0];

        // The others try to reach the node all the time, and now find somebody else there.
        await away.CrashAsync();
        await using (Intruder.With(_certificates.Path, name, Address.Parse(away.Address).Port!.Value))
        {
            await HasSaidAsync(leader, why);
            await GoesOnAsync(cluster, load);
            Assert.All(cluster.Without(away), node => Assert.False(node.System.WhenTerminated.IsCompleted));
        }

        away.Start();
        await cluster.LeaderAsync();
        await load.VerifyAsync();
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task A_client_refuses_nodes_of_another_authority()
    {
        using var others = new CertificateFolder();
        await using var cluster = await TestCluster.StartAsync(3, Encrypted);

        var failed = await FailsAtOnceAsync(cluster, $$"""raftqueue.tls { enabled = on, directory = "{{others.Path}}" }""");

        Assert.All(failed.Failures, failure => Assert.Equal(ConnectFailureKind.CertificateRefused, failure.Kind));
        Assert.Contains("its certificate is refused here: its issuer", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F26_A_client_without_TLS_is_told_at_once_that_the_nodes_close_its_connections_and_of_the_setting()
    {
        await using var cluster = await TestCluster.StartAsync(1, Encrypted);

        var failed = await FailsAtOnceAsync(cluster, "akka.loglevel = OFF");

        Assert.Equal(ConnectFailureKind.Closed, Assert.Single(failed.Failures).Kind);
        Assert.Contains("a node that uses TLS does so to a peer that does not (raftqueue.tls.enabled)", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F26_A_client_with_TLS_is_told_at_once_that_the_nodes_have_none()
    {
        await using var cluster = await TestCluster.StartAsync(1);

        var failed = await FailsAtOnceAsync(cluster, $$"""raftqueue.tls { enabled = on, directory = "{{_certificates.Path}}" }""");

        Assert.Equal(ConnectFailureKind.NoTls, Assert.Single(failed.Failures).Kind);
        Assert.Contains("the other side does not use TLS, and this side does (raftqueue.tls.enabled)", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F26_A_client_whose_certificate_the_nodes_refuse_is_told_at_once_where_to_look()
    {
        using var others = new CertificateFolder();
        await using var cluster = await TestCluster.StartAsync(1, Encrypted);
        others.TakeOver(_certificates, "n1");

        var failed = await FailsAtOnceAsync(cluster, $$"""raftqueue.tls { enabled = on, directory = "{{others.Path}}" }""");

        Assert.Equal(ConnectFailureKind.Closed, Assert.Single(failed.Failures).Kind);
        Assert.Contains("a peer whose certificate it refuses, and its log says why", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing", "cannot be read")]
    [InlineData("expired", "it expired on")]
    [InlineData("elsewhere", "it is for 10.255.255.1, not for 127.0.0.")]
    [InlineData("mere-client", "it is not meant for a node")]
    public async Task A_node_does_not_start_with_a_certificate_that_the_others_would_refuse(string name, string why)
    {
        IssueBadOnes();
        await using var cluster = TestCluster.Of(1, Encrypted);
        var node = cluster.AddNode($"raftqueue.tls {{ certificate = {name}.pem, key = {name}.key }}");

        var refused = Assert.Throws<RaftQueueConfigurationException>(node.Start);

        Assert.Equal("raftqueue.tls.certificate", refused.Path);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Contains($"{name}.pem", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<ConnectFailedException> FailsAtOnceAsync(TestCluster cluster, string hocon) =>
        await Assert.ThrowsAsync<ConnectFailedException>(() => cluster.ConnectAsync(options =>
        {
            options.SystemConfig = hocon;
            options.Nodes = [.. options.Nodes.Select(node => node.Split('@')[1])];
            options.ConnectTimeout = TimeSpan.FromHours(1); // nobody waits for what is known
        }).WaitAsync(Eventually.Deadline));

    private void IssueBadOnes()
    {
        _certificates.Issue("expired", [Loopback.Host], life: TimeSpan.FromMinutes(-1));
        _certificates.Issue("elsewhere", ["10.255.255.1"]);
        _certificates.Issue("mere-client", []);
    }

    private static async Task RefusesAsync(TestCluster cluster, Load load, Intruder intruder, string why)
    {
        Assert.False(await intruder.IsAnsweredAsync(cluster.Nodes[0]));
        await HasSaidAsync(cluster.Nodes[0], why);
        await GoesOnAsync(cluster, load);
    }

    private static async Task GoesOnAsync(TestCluster cluster, Load load)
    {
        await load.GoOnAsync();
        await cluster.LeaderAsync();
    }

    private static Task HasSaidAsync(TestNode node, string text) => Eventually.HoldsAsync($"{node} has said: {text}", () => node.HasLoggedAsync(text));

    private static async Task<bool> IsOpenAsync(SslStream tls)
    {
        try
        {
            return await tls.ReadAsync(new byte[1]) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
