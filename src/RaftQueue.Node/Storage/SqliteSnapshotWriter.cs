using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>
/// Changes the snapshots' table. What is handed over while a transaction is on its way goes into the next one together, up to a bound: a sync of many mebibytes would hold up those of the
/// journal, which has the same disk.
/// </summary>
internal sealed class SqliteSnapshotWriter : IDisposable
{
    private const int BytesAtOnce = 4 * 1024 * 1024;

    private readonly List<Work> works = [];
    private readonly ReopenedTable<SnapshotTable> table;
    private readonly DiskThread<Work> thread;

    /// <param name="open">Opens a connection with the right pragmas; called for the first change, when the table is there.</param>
    public SqliteSnapshotWriter(Func<SqliteConnection> open)
    {
        table = new ReopenedTable<SnapshotTable>(open, connection => new SnapshotTable(connection));
        thread = new DiskThread<Work>("raftqueue-snaps", Run);
    }

    /// <summary>Completes when the change is on disk, in the order in which changes are handed over; fails when it may not be taken for made.</summary>
    public Task ChangeAsync(ISnapshotChange change)
    {
        var work = new Work(change);
        thread.HandOver(work);
        return work.Done.Task;
    }

    /// <summary>Makes the changes that were handed over, and closes the file.</summary>
    public void Dispose() => thread.Dispose();

    private void Run(BlockingCollection<Work> waiting)
    {
        foreach (var first in waiting.GetConsumingEnumerable())
        {
            works.Add(first);
            var bytes = first.Bytes;
            while (bytes < BytesAtOnce && waiting.TryTake(out var next))
            {
                works.Add(next);
                bytes += next.Bytes;
            }

            Change();
            works.Clear();
        }

        table.Dispose();
    }

    private void Change()
    {
        if (table.TryChange(to => to.Change(works.Select(work => work.Change))) is { } failure)
            works.ForEach(work => work.Done.SetException(failure));
        else
            works.ForEach(work => work.Done.SetResult());
    }

    private sealed record Work(ISnapshotChange Change)
    {
        public long Bytes => Change is SnapshotRow row ? row.Snapshot.Length : 0;

        // Whoever waits may go on to dispose of the writer, and so must not go on inside its loop.
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
