using RaftQueue.Contracts;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Mutations;

/// <summary>P14: log time advances by the monotonic clock.</summary>
public sealed class StampFollowsWallClock : Mutation
{
    public override string Rule => "log time advances by the monotonic clock and is slewed (P14)";

    public override string Break => "a leader stamps entries with its wall clock, or with the last stamp where that is later";

    public override Step Step(Replica replica, Input input, TimeSpan now) => base.Step(
        input is Input.Propose propose && replica.Role == Role.Leader
            ? Forge.With(replica, nameof(Replica.Clock), LogClock.Showing(LogTime.Max(propose.Now, replica.Log.LastStamp), now))
            : replica,
        input,
        now);
}
