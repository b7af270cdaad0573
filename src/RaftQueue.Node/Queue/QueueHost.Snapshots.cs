using Akka.Actor;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Queue;

// When a snapshot is due. Taking one costs what has changed since the last (P7), and storing it does not hold up applying.
internal sealed partial class QueueHost
{
    private Applied _sinceSnapshot;
    private bool _isSaving;

    private void TakeSnapshotIfDue()
    {
        if (_isSaving || !Retention.IsSnapshotDue(_sinceSnapshot.Entries, _sinceSnapshot.Bytes, _settings.SnapshotEntries, _settings.SnapshotBytes))
            return;
        (_sinceSnapshot, _isSaving) = (default, true);
        _snapshots.Tell(new SaveMachine(_machine.Capture()));
    }

    private void FinishSnapshot(MachineSaved saved)
    {
        _isSaving = false;
        _machine.MarkStored(saved.Index);
        TrimCache();
        _raft.Tell(saved); // the log that it covers may go
    }

    /// <summary>What was applied since the last snapshot.</summary>
    private struct Applied
    {
        public long Entries { get; private set; }

        public long Bytes { get; private set; }

        public void Count(Entry entry)
        {
            Entries++;
            Bytes += entry.Weight;
        }
    }
}
