using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Mutations;

/// <summary>
/// The seam between a simulated node and the rules. This one changes nothing; each mutation breaks one rule by what it puts around them, so that the product holds no
/// branch for it. One instance serves one schedule.
/// </summary>
public class Mutation
{
    /// <summary>The rules as they are.</summary>
    public static Mutation None => new();

    /// <summary>Answers an input.</summary>
    public virtual Step Step(Replica replica, Input input, TimeSpan now) => Rules.Step(replica, input, now);

    /// <summary>What a node reads from its disk when it wakes.</summary>
    public virtual IEnumerable<IRaftEvent> Recall(IEnumerable<IRaftEvent> events) => events;
}
