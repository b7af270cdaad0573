using System.Globalization;
using RaftQueue.Contracts;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Queue;

namespace RaftQueue.Node.Raft;

// Whether this replica does what it should: not only that it lives, but that what it has begun moves on.
internal sealed partial class RaftActor
{
    private LogIndex _applied;
    private StallClock _writing, _committing, _applying;

    private void Watch(Replica replica)
    {
        _writing.Observe(_remembered < _remembering, _remembered, Now);
        _committing.Observe(replica.Role == Role.Leader && replica.CommitIndex < replica.Memory.Log.LastIndex, replica.CommitIndex.Value, Now);
        _applying.Observe(_applied < replica.LastApplied, _applied.Value, Now);
        WatchClock(replica);
    }

    private State<Role, Replica> Note(AppliedThrough applied)
    {
        _applied = applied.Index;
        Watch(StateData);
        return Stay();
    }

    private bool IsApplyStalled => _applying.IsStalled(Now, _settings.StalledAfter, out _);

    private IEnumerable<string> Problems(Replica replica)
    {
        if (ClockProblem(replica) is { Length: > 0 } clock)
            yield return clock;
        if (replica.Log.MachineVersion > replica.Options.MachineVersion)
            yield return $"The group works by machine version {replica.Log.MachineVersion}, and this node knows none newer than {replica.Options.MachineVersion}: upgrade it.";
        if (replica.CurrentTerm >= Term.Largest)
            yield return Text($"The term is {replica.CurrentTerm}, and none comes after it: nobody can be elected. See \"The term cannot rise\" in docs/operations.md.");
        if (replica.Leader is null)
            yield return WhyNoLeader(replica);
        if (_writing.IsStalled(Now, _settings.StalledAfter, out var writing))
            yield return Text($"A journal write has been in flight for {writing.TotalSeconds:0} s: look at this node's disk or database.");
        if (_committing.IsStalled(Now, _settings.StalledAfter, out var committing))
            yield return Text($"Nothing was committed for {committing.TotalSeconds:0} s, though the log goes on from index {replica.CommitIndex} to {replica.Memory.Log.LastIndex}: a majority does not acknowledge its writes.");
        if (_applying.IsStalled(Now, _settings.StalledAfter, out var applying))
            yield return Text($"Committed through index {replica.LastApplied}, but applied only through {_applied}, and nothing for {applying.TotalSeconds:0} s: the queue machine stands still.");
    }

    private static string WhyNoLeader(Replica replica) => replica switch
    {
        { Log.IsBlank: false } => "This replica knows no leader.",
        { RollCall: { Settled: [var settled, ..] } } => $"This replica has no data, but {settled} has: it waits to be taken into the group again.",
        { RollCall: { } roll } => $"The group is founded when all of its first members have been heard; {Missing(replica, roll)} not yet.",
        _ => "This replica has no data and belongs to no group yet: it waits for the founder, or to be added.",
    };

    private static string Missing(Replica replica, RollCall roll) => string.Join(
        ", ", replica.Options.FirstMembers.Where(node => node != replica.Self.Node && roll.Blank.All(member => member.Id != node)));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
