using Akka.Configuration;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Node;
using RaftQueue.Server;

namespace RaftQueue.MultiNode.Tests.BadInput;

/// <summary>Variables that an orchestrator makes are passed over; those that an operator gets wrong are named.</summary>
[Trait("Category", "Fault")]
public sealed class EnvironmentSpecs
{
    [Theory]
    [InlineData("RAFTQUEUE_SERVICE_HOST", "10.0.0.1")]
    [InlineData("RAFTQUEUE_SERVICE_PORT", "7001")]
    [InlineData("RAFTQUEUE_SERVICE_PORT_PEERS", "7001")]
    [InlineData("RAFTQUEUE_PORT", "tcp://10.0.0.1:7001")]
    [InlineData("RAFTQUEUE_PORT", "tcp://[fd00::1]:7001")]
    [InlineData("RAFTQUEUE_PORT", "udp://10.0.0.1:7001")]
    [InlineData("RAFTQUEUE_PORT_7001_TCP", "tcp://10.0.0.1:7001")]
    [InlineData("RAFTQUEUE_PORT_7001_TCP_PROTO", "tcp")]
    [InlineData("RAFTQUEUE_PORT_7001_TCP_PORT", "7001")]
    [InlineData("RAFTQUEUE_PORT_7001_TCP_ADDR", "10.0.0.1")]
    [InlineData("RAFTQUEUE_PORT_7001_SCTP_ADDR", "10.0.0.1")]
    [InlineData("RAFTQUEUE_NODE_SERVICE_HOST", "10.0.0.1")]
    [InlineData("RAFTQUEUE_SEEDS_PORT", "tcp://10.0.0.1:7001")]
    [InlineData("RAFTQUEUE_N1_PORT_7001_TCP_ADDR", "10.0.0.1")]
    [InlineData("RAFTQUEUE_NAME", "/application/raftqueue")]
    [InlineData("RAFTQUEUE_1_NAME", "/application/raftqueue")]
    [InlineData("RAFTQUEUE_ENV_ASPNETCORE_VERSION", "10")]
    public void F24_A_variable_that_an_orchestrator_makes_is_passed_over(string name, string value) =>
        Assert.True(Read(name, value).IsEmpty);

    [Fact]
    public void F24_The_services_of_an_orchestrator_change_no_setting()
    {
        var environment = new Dictionary<string, string>
        {
            ["RAFTQUEUE_NODE"] = "n1",
            ["RAFTQUEUE_SERVICE_HOST"] = "10.0.0.1",
            ["RAFTQUEUE_PORT"] = "tcp://10.0.0.1:7001",
        };

        var config = EnvironmentSettings.Read(environment);

        Assert.Equal("n1", config.GetString("raftqueue.node"));
        Assert.False(config.HasPath("akka.remote.dot-netty.tcp.port"));
    }

    [Theory]
    [InlineData("RAFTQUEUE_PORT", "many", "akka.remote.dot-netty.tcp.port (RAFTQUEUE_PORT): \"many\" is not a number, such as 2552.")]
    [InlineData("RAFTQUEUE_PORT", "70000", "akka.remote.dot-netty.tcp.port (RAFTQUEUE_PORT): \"70000\" is not a whole number from 0 to")]
    [InlineData("RAFTQUEUE_PORT", "", "RAFTQUEUE_PORT: is empty. Give it a value for akka.remote.dot-netty.tcp.port, or do not set it.")]
    [InlineData("RAFTQUEUE_GROUPS", "1.5", "raftqueue.groups (RAFTQUEUE_GROUPS): \"1.5\" is not a whole number from 1 to 64.")]
    [InlineData("RAFTQUEUE_STORAGE", "paper", "raftqueue.storage.provider (RAFTQUEUE_STORAGE): \"paper\" is not known; write sqlite or")]
    [InlineData("RAFTQUEUE_SEEDS", "n1:7000", "akka.cluster.seed-nodes (RAFTQUEUE_SEEDS): \"n1:7000\" is not an address")]
    [InlineData("RAFTQUEUE_NODE", "n 1", "raftqueue.node (RAFTQUEUE_NODE): \"n 1\" is not a node name")]
    [InlineData("RAFTQUEUE_MEMBERS", "n1,n 2", "raftqueue.members (RAFTQUEUE_MEMBERS): \"n 2\" is not a node name")]
    [InlineData("RAFTQUEUE_NOED", "n1", "RAFTQUEUE_NOED: is not a known variable; did you mean RAFTQUEUE_NODE?")]
    [InlineData("RAFTQUEUE_SERVICE", "n1", "RAFTQUEUE_SERVICE: is not a known variable")]
    public void F24_A_wrong_value_is_named_with_its_variable_and_what_is_expected(string name, string value, string refusal)
    {
        var refused = Assert.Throws<RaftQueueConfigurationException>(
            () => RaftQueueSettings.Create(Read(name, value).WithFallback("raftqueue.node = n1")));

        Assert.StartsWith(refusal, refused.Message);
    }

    [Fact]
    public void F24_A_secret_is_not_repeated_when_it_is_refused()
    {
        var environment = new Dictionary<string, string>
        {
            ["RAFTQUEUE_NODE"] = "n1",
            ["RAFTQUEUE_STORAGE"] = "postgres",
            ["RAFTQUEUE_POSTGRES"] = "Host=db;Password=geheim;Port=geheim",
        };

        var refused = Assert.Throws<RaftQueueConfigurationException>(() => RaftQueueSettings.Create(EnvironmentSettings.Read(environment)));

        Assert.StartsWith("raftqueue.storage.postgres.connection-string (RAFTQUEUE_POSTGRES): ", refused.Message);
        Assert.DoesNotContain("geheim", refused.Message);
    }

    private static Config Read(string name, string value) => EnvironmentSettings.Read(new Dictionary<string, string> { [name] = value });
}
