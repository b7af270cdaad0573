using Akka.Configuration;
using RaftQueue.Client;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Remoting;
using RaftQueue.Node.Tests.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Hocon;

/// <summary>What nobody reads is refused, with where it stands and what was probably meant.</summary>
[Trait("Category", "Fault")]
public sealed class KnownKeysTests : IDisposable
{
    private const string Node = "raftqueue { node = n1, members = [n1] }\n";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("akka.remote.dot-netty.tcp.prot = 7455", "akka.remote.dot-netty.tcp.prot", "port")]
    [InlineData("akka.remote.dotnetty.tcp.port = 7455", "akka.remote.dotnetty", "dot-netty")]
    [InlineData("akka.remot.dot-netty.tcp.port = 7455", "akka.remot", "remote")]
    [InlineData("akka.cluster.seed-node = [\"akka.tcp://raftqueue@127.0.0.1:1\"]", "akka.cluster.seed-node", "seed-nodes")]
    [InlineData("akka.cluster.failure-detector.treshold = 9", "akka.cluster.failure-detector.treshold", "threshold")]
    [InlineData("akka.coordinated-shutdown.exit-crl = off", "akka.coordinated-shutdown.exit-crl", "exit-clr")]
    [InlineData("raftqueue.raft.election-timeot.min = 1s", "raftqueue.raft.election-timeot", "election-timeout")]
    [InlineData("raftqueue.storage.sqlite.jurnal-file = x", "raftqueue.storage.sqlite.jurnal-file", "journal-file")]
    [InlineData("raftqueu.groups = 2", "raftqueu", "raftqueue")]
    public void F25_A_misspelt_key_of_a_node_is_named_with_its_line_and_the_key_that_was_meant(string line, string path, string meant)
    {
        var file = Write(Node + line);

        var refused = Assert.Throws<RaftQueueConfigurationException>(() => RaftQueueSettings.Create(HoconFile.Load(file)));

        Assert.Equal($"{path} ({file}:2): is not a known key; did you mean {meant}?", refused.Message);
    }

    [Theory]
    [InlineData("raftqueue.client.nodse = [\"127.0.0.1:7001\"]", "raftqueue.client.nodse", "nodes")]
    [InlineData("raftqueue.cleint.nodes = [\"127.0.0.1:7001\"]", "raftqueue.cleint", "client")]
    [InlineData("akka.remote.dot-netty.tcp.hostnam = x", "akka.remote.dot-netty.tcp.hostnam", "hostname")]
    public void F25_A_misspelt_key_of_a_client_is_named_with_its_line_and_the_key_that_was_meant(string line, string path, string meant)
    {
        var file = Write(line);

        var refused = Assert.Throws<RaftQueueConfigurationException>(() => RaftQueueClientOptions.From(HoconFile.Load(file)));

        Assert.Equal($"{path} ({file}:1): is not a known key; did you mean {meant}?", refused.Message);
    }

    [Theory]
    [InlineData("akka.remote.dot-netty.tcp.port = many", "akka.remote.dot-netty.tcp.port", "\"many\" is not a number")]
    [InlineData("akka.remote.dot-netty.tcp.port = 70000", "akka.remote.dot-netty.tcp.port", "from 0 to 65535")]
    [InlineData("akka.remote.dot-netty.tcp = 7001", "akka.remote.dot-netty.tcp", "is a block of keys")]
    [InlineData("akka.cluster.seed-nodes = \"akka.tcp://raftqueue@127.0.0.1:1\"", "akka.cluster.seed-nodes", "is a list")]
    [InlineData("akka.cluster.seed-nodes = [\"127.0.0.1:7001\"]", "akka.cluster.seed-nodes", "\"127.0.0.1:7001\" is not an address")]
    [InlineData("akka.remote.retry-gate-closed-for = soon", "akka.remote.retry-gate-closed-for", "\"soon\" is not a duration")]
    [InlineData("raftqueue.groups = [2]", "raftqueue.groups", "not a list")]
    [InlineData("raftqueue.members = n1", "raftqueue.members", "is a list")]
    [InlineData("raftqueue.raft.heartbeat-interval = soon", "raftqueue.raft.heartbeat-interval", "\"soon\" is not a duration")]
    [InlineData("raftqueue.raft.heartbeat-interval = 10s", "raftqueue.raft.heartbeat-interval", "")]
    public void F25_A_value_of_the_wrong_kind_is_named_with_its_line(string line, string path, string what)
    {
        var file = Write(Node + line);

        var refused = Assert.Throws<RaftQueueConfigurationException>(() => RaftQueueSettings.Create(HoconFile.Load(file)));

        Assert.StartsWith($"{path} ({file}:2): ", refused.Message);
        Assert.Contains(what, refused.Message);
    }

    [Fact]
    public void F25_The_later_file_is_the_one_that_is_named()
    {
        var files = new[] { Write(Node + "raftqueue.groups = 1", "first.conf"), Write("# later\nraftqueue.groups = 0", "then.conf") };

        var refused = Assert.Throws<RaftQueueConfigurationException>(() => RaftQueueSettings.Create(HoconFile.Load(files)));

        Assert.StartsWith($"raftqueue.groups ({files[1]}:2): ", refused.Message);
    }

    [Fact]
    public void F25_A_key_of_an_included_file_is_named_with_that_file()
    {
        var included = Write("# common\ngroups = 99", "common.conf");

        var refused = Assert.Throws<RaftQueueConfigurationException>(
            () => RaftQueueSettings.Create(HoconFile.Load(Write("raftqueue { node = n1, members = [n1]\n include \"common.conf\" }"))));

        Assert.StartsWith($"raftqueue.groups ({included}:2): ", refused.Message);
    }

    [Fact]
    public void F25_Sections_of_extensions_and_of_the_application_are_left_alone() => RaftQueueSettings.Create(Parsed("""
        my-application.port = 80
        base-port = 7000
        akka {
          extensions = ["A, B"]
          quartz.schedules { often { expression = "*" } }
          actor { my-dispatcher { type = PinnedDispatcher }
            serializers { mine = "A, B" } }
          cluster { sharding.role = "", singleton.hand-over-retry-interval = 1s, role.worker.min-nr-of-members = 1 }
          coordinated-shutdown.phases.my-phase.depends-on = [cluster-exiting]
          remote.dot-netty.tcp.applied-adapters = ["trttl"]
          persistence.journal.mine.class = "A, B"
        }
        """));

    [Fact]
    public void F25_Without_a_hostname_a_node_listens_on_loopback()
    {
        var config = ConfigurationFactory.ParseString(Node).WithFallback(RaftQueueSettings.DefaultConfig);

        Assert.Equal("127.0.0.1", config.GetString($"{TransportSettings.Section}.hostname"));
        Assert.Equal("127.0.0.1", ListeningAddress.Of(ConfigurationFactory.ParseString(Node)).Host);
    }

    private static Config Parsed(string more) => ConfigurationFactory.ParseString(Node + more);

    private string Write(string text, string name = "node.conf")
    {
        var file = _folder.PathOf(name);
        File.WriteAllText(file, text);
        return file;
    }
}
