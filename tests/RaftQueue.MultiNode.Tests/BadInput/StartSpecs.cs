using System.Net;
using System.Net.Sockets;
using Akka.Configuration;
using RaftQueue.Contracts.Hocon;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.Node;
using RaftQueue.Node.Storage;

namespace RaftQueue.MultiNode.Tests.BadInput;

/// <summary>What operators get wrong: the node does not start, and says in one line why.</summary>
public sealed class StartSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("raftqueue-start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("raftqueue.raft.election-timout.min = 1s", "raftqueue.raft.election-timout")]
    [InlineData("raftqueue.raft.heartbeat-interval = soon", "raftqueue.raft.heartbeat-interval")]
    [InlineData("raftqueue.raft.heartbeat-interval = 10s", "raftqueue.raft.heartbeat-interval")]
    [InlineData("raftqueue.groups = 0", "raftqueue.groups")]
    [InlineData("raftqueue.groups = many", "raftqueue.groups")]
    [InlineData("raftqueue.storage.provider = paper", "raftqueue.storage.provider")]
    [InlineData("raftqueue.members = [n1, n1]", "raftqueue.members")]
    [InlineData("raftqueue.members = [\"n 1\"]", "raftqueue.members")]
    [InlineData("raftqueue.node = \"\"", "raftqueue.node")]
    [InlineData("raftqueue.queue = 5", "raftqueue.queue")]
    public void A_wrong_or_unknown_key_is_refused_by_its_path(string line, string path)
    {
        var refused = Assert.Throws<RaftQueueConfigurationException>(() => Start(line));

        Assert.Equal(path, refused.Path);
        Assert.StartsWith(path, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory, Trait("Category", "Fault")]
    [InlineData("raftqueue.raft.kept-log = 1 GiB", "raftqueue.raft.kept-log")]
    [InlineData("raftqueue.raft.kept-log = -1", "raftqueue.raft.kept-log")]
    [InlineData("raftqueue.queue.snapshot-bytes = 10 GiB", "raftqueue.queue.snapshot-bytes")]
    [InlineData("raftqueue.queue.snapshot-bytes = 1", "raftqueue.queue.snapshot-bytes")]
    [InlineData("raftqueue.queue.snapshot-entries = 0", "raftqueue.queue.snapshot-entries")]
    public void F01_A_log_that_no_checkpoint_could_hold_is_refused(string line, string path) =>
        Assert.StartsWith(path, Assert.Throws<RaftQueueConfigurationException>(() => Start(line)).Message);

    [Theory]
    [Trait("Category", "Fault")]
    [InlineData("hostname = \"0.0.0.0\"", "hostname", "stands for every address of this machine")]
    [InlineData("hostname = \"\"", "hostname", "Set public-hostname to the name or the address by which the others reach this machine")]
    [InlineData("hostname = \"::\"", "hostname", "stands for every address of this machine")]
    [InlineData("public-hostname = \"0.0.0.0\"", "public-hostname", "stands for every address of this machine")]
    [InlineData("public-hostname = \"n1:7001\"", "public-hostname", "a port does not belong here")]
    [InlineData("hostname = \"fe80::1%lo\"", "hostname", "scope of a link-local address")]
    [InlineData("hostname = \"127.1\"", "hostname", "not a whole IPv4 address")]
    [InlineData("hostname = \"a node\"", "hostname", "white space")]
    public void F09_An_address_at_which_nobody_could_reach_the_node_is_refused_with_the_reason(string line, string key, string reason)
    {
        var refused = Assert.Throws<RaftQueueConfigurationException>(() => Start($"akka.remote.dot-netty.tcp.{line}"));

        Assert.Equal($"akka.remote.dot-netty.tcp.{key}", refused.Path);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Category", "Fault")]
    [InlineData("akka.tcp://raftqueue@::1:7001", "in brackets")]
    [InlineData("akka.tcp://raftqueue@0.0.0.0:7001", "stands for every address of a machine")]
    [InlineData("n2:7001", "the name of the actor system is missing")]
    public void F09_A_seed_that_is_no_address_of_a_node_is_refused_with_the_reason(string seed, string reason)
    {
        var refused = Assert.Throws<RaftQueueConfigurationException>(() => Start($"akka.cluster.seed-nodes = [\"{seed}\"]"));

        Assert.Equal("akka.cluster.seed-nodes", refused.Path);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_directory_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "in the way");

        var refused = Assert.Throws<DataDirectoryException>(() => Start($"""raftqueue.storage.data-directory = "{file}/data" """));

        Assert.Contains(file, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task The_data_of_another_node_is_refused_and_stays_as_it_is()
    {
        await using (Start(""))
        {
        }

        var refused = Assert.Throws<DataDirectoryException>(() => Start("raftqueue.node = n2"));

        Assert.Contains("\"n1\"", refused.Message);
        Assert.Contains("\"n2\"", refused.Message);
        await using var owner = Start("");
    }

    [Fact]
    public async Task A_data_directory_in_use_is_refused()
    {
        await using var first = Start("");

        Assert.Contains("in use", Assert.Throws<DataDirectoryException>(() => Start("")).Message);
    }

    [Fact]
    public async Task A_port_in_use_is_refused_and_the_data_directory_is_free_again()
    {
        using var occupant = new TcpListener(IPAddress.Parse(Loopback.Host), 0);
        occupant.Start();
        var port = ((IPEndPoint)occupant.LocalEndpoint).Port;

        var refused = Assert.Throws<NodeStartException>(() => Start($"akka.remote.dot-netty.tcp.port = {port}"));

        Assert.Contains("akka.remote.dot-netty.tcp", refused.Message);
        Assert.IsType<SocketException>(refused.InnerException); // found out before there is anything that takes long to close
        await using var afterwards = Start("");
    }

    [Theory, Trait("Category", "Fault")]
    [InlineData("raftqueue.groups = 2", "raftqueue.groups = 1")]
    [InlineData("raftqueue.groups = 64", "raftqueue.groups = 1")]
    [InlineData("raftqueue.storage.sqlite.journal-file = \"log.db\"", "sqlite, files journal.db and snapshots.db")]
    [InlineData("raftqueue.storage.sqlite.snapshot-file = \"pieces.db\"", "sqlite, files journal.db and snapshots.db")]
    [InlineData("raftqueue.storage { provider = postgres, postgres.connection-string = \"Host=localhost\" }", "sqlite, files journal.db and snapshots.db")]
    public async Task F05_A_setting_that_may_never_change_is_refused_with_the_one_that_the_data_has(string line, string stored)
    {
        await using (Start(""))
        {
        }

        var refused = Assert.Throws<DataDirectoryException>(() => Start(line));

        Assert.Contains(stored, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
        await using var again = Start("");
    }

    [Fact, Trait("Category", "Fault")]
    public async Task F05_The_data_of_a_cluster_of_another_name_is_refused()
    {
        await using (Start(""))
        {
        }

        Assert.Contains("\"raftqueue\"", Assert.Throws<DataDirectoryException>(() => Start("", "another")).Message);
    }

    private RaftQueueNode Start(string line, string systemName = RaftQueueNode.DefaultSystemName)
    {
        var port = Loopback.FreePorts(1)[0];
        var config = NodeConfig.Of("n1", port, _folder, ["n1"], [], ClusterOptions.Default);
        return RaftQueueNode.Start(ConfigurationFactory.ParseString(line).WithFallback(config), systemName);
    }
}
