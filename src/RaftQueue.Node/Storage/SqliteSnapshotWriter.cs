using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>
/// Writes rows into the snapshots' table. What is handed over while a transaction is on its way goes into the next one together, up to a bound: a sync of many mebibytes would hold up those of the
/// journal, which has the same disk.
/// </summary>
internal sealed class SqliteSnapshotWriter : IDisposable
{
    private const int BytesAtOnce = 4 * 1024 * 1024;

    private readonly List<Save> saves = [];
    private readonly Func<SqliteConnection> open;
    private readonly DiskThread<Save> thread;
    private SnapshotTable? table;

    /// <param name="open">Opens a connection with the right pragmas; called for the first row, when the table is there.</param>
    public SqliteSnapshotWriter(Func<SqliteConnection> open)
    {
        this.open = open;
        thread = new DiskThread<Save>("raftqueue-snaps", Run);
    }

    /// <summary>Completes when the row is on disk, in the place of one with the same owner and number; fails when it may not be taken for written.</summary>
    public Task SaveAsync(in SnapshotRow row)
    {
        var save = new Save(row);
        thread.HandOver(save);
        return save.Done.Task;
    }

    /// <summary>Writes what was handed over, and closes the file.</summary>
    public void Dispose() => thread.Dispose();

    private void Run(BlockingCollection<Save> waiting)
    {
        foreach (var first in waiting.GetConsumingEnumerable())
        {
            saves.Add(first);
            long bytes = first.Row.Snapshot.Length;
            while (bytes < BytesAtOnce && waiting.TryTake(out var next))
            {
                saves.Add(next);
                bytes += next.Row.Snapshot.Length;
            }

            Write();
            saves.Clear();
        }

        table?.Dispose();
    }

    private void Write()
    {
        try
        {
            table ??= SnapshotTable.On(open());
            table.Replace(saves.Select(save => save.Row));
        }
        catch (Exception failure) // of whatever kind: those who wait must hear of it
        {
            saves.ForEach(save => save.Done.SetException(failure));
            table?.Dispose();
            table = null;
            return;
        }

        saves.ForEach(save => save.Done.SetResult());
    }

    private sealed record Save(SnapshotRow Row)
    {
        // Whoever waits may go on to dispose of the writer, and so must not go on inside its loop.
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
