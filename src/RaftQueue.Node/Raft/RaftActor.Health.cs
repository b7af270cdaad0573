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
        if (replica.Leader is null)
            yield return "This replica knows no leader.";
        if (_writing.IsStalled(Now, _settings.StalledAfter, out var writing))
            yield return Text($"A journal write has been in flight for {writing.TotalSeconds:0} s: look at this node's disk or database.");
        if (_committing.IsStalled(Now, _settings.StalledAfter, out var committing))
            yield return Text($"Nothing was committed for {committing.TotalSeconds:0} s, though the log goes on from index {replica.CommitIndex} to {replica.Memory.Log.LastIndex}: a majority does not acknowledge its writes.");
        if (_applying.IsStalled(Now, _settings.StalledAfter, out var applying))
            yield return Text($"Committed through index {replica.LastApplied}, but applied only through {_applied}, and nothing for {applying.TotalSeconds:0} s: the queue machine stands still.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
