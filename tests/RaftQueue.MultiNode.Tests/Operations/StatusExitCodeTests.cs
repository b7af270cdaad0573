using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Raft;
using RaftQueue.Server.Operating;

namespace RaftQueue.MultiNode.Tests.Operations;

/// <summary>What the verb status finds wrong with a cluster: nothing is exit code 0, anything is 1.</summary>
[Trait("Category", "Fault")]
public sealed class StatusExitCodeTests
{
    [Fact]
    public void F20_A_node_that_does_not_answer_is_a_problem()
    {
        Assert.Equal("no node answers.", ClusterStatus.ProblemOf([]));
        Assert.Equal("group 0: n1, n2 does not answer.", ClusterStatus.ProblemOf([Silent(0, "n1"), Silent(0, "n2")]));
        Assert.Equal("group 1: n2 does not answer.", ClusterStatus.ProblemOf([Answer(0, "n1"), Answer(1, "n1"), Silent(1, "n2")]));
    }

    [Fact]
    public void F20_A_node_that_is_not_healthy_is_a_problem()
    {
        Assert.Null(ClusterStatus.ProblemOf([Answer(0, "n1"), Answer(0, "n2")]));
        Assert.Equal("group 0: n2 is not healthy.", ClusterStatus.ProblemOf([Answer(0, "n1"), Answer(0, "n2", "no leader")]));
    }

    private static ReplicaAnswer Silent(int group, string node) => new(group, new NodeId(node), null, "does not answer");

    private static ReplicaAnswer Answer(int group, string node, string problem = "") => new(
        group,
        new NodeId(node),
        new ReplicaStatus(
            new NodeId(node), Incarnation.Unknown, new GroupId(group), "Follower", new Term(1), new NodeId("n1"), new LogIndex(1),
            new LogIndex(1), new LogIndex(1), new LogIndex(1), LogIndex.Zero, "d", Configuration.Empty, [], problem.Length == 0, problem),
        "");
}
