using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>
/// Changes the journal's table: writes rows, in the order in which they are handed over, and deletes those that are no longer needed. What is handed over while a transaction is on its way,
/// by other groups, goes into the next one together, and shares its sync; a long deletion goes along with the writes, some rows with each. Nobody else writes to the file, so no write ever waits
/// for its lock.
/// </summary>
internal sealed class SqliteJournalWriter : IDisposable
{
    private const IImmutableList<Exception> NothingRejected = null!; // as Akka.Persistence wants it said
    private static readonly TimeSpan PauseBeforeDeletion = TimeSpan.FromMilliseconds(50);

    private readonly List<Write> writes = [];
    private readonly Queue<JournalDeletion> deletions = [];
    private readonly ReopenedTable<JournalTable> table;
    private readonly DiskThread<IJournalChange> thread;

    /// <param name="open">Opens a connection with the right pragmas; called for the first change, when the tables are there.</param>
    public SqliteJournalWriter(Func<SqliteConnection> open)
    {
        table = new ReopenedTable<JournalTable>(open, connection => new JournalTable(connection));
        thread = new DiskThread<IJournalChange>("raftqueue-journal", Run);
    }

    /// <summary>Completes, with nothing rejected, when the rows are on disk; fails when none of them may be taken for written.</summary>
    public Task<IImmutableList<Exception>> WriteAsync(IReadOnlyList<JournalRow> rows)
    {
        var write = new Write(rows);
        thread.HandOver(write);
        return write.Done.Task;
    }

    /// <summary>Completes when no row of an owner through a number is replayed any more. Which number was the highest remains known.</summary>
    public Task DeleteAsync(string persistenceId, long through)
    {
        var deletion = new JournalDeletion(persistenceId, through);
        thread.HandOver(deletion);
        return deletion.Done.Task;
    }

    /// <summary>Writes what was handed over, and closes the file. What is not deleted by then is left to the next deletion.</summary>
    public void Dispose() => thread.Dispose();

    private void Run(BlockingCollection<IJournalChange> waiting)
    {
        while (Gather(waiting))
        {
            Change();
            writes.Clear();
        }

        foreach (var left in deletions)
            left.Done.SetCanceled();
        table.Dispose();
    }

    /// <summary>Waits for something to do; false at the end.</summary>
    private bool Gather(BlockingCollection<IJournalChange> waiting)
    {
        // A deletion rather goes along with the next write, which would have to wait for it otherwise.
        var patience = deletions.Count > 0 ? PauseBeforeDeletion : Timeout.InfiniteTimeSpan;
        while (waiting.TryTake(out var change, patience))
        {
            patience = TimeSpan.Zero;
            if (change is Write write)
                writes.Add(write);
            else
                deletions.Enqueue((JournalDeletion)change);
        }

        return writes.Count > 0 || (deletions.Count > 0 && !waiting.IsAddingCompleted);
    }

    private void Change()
    {
        deletions.TryPeek(out var deletion);
        var rows = writes.Count == 1 ? writes[0].Rows : [.. writes.SelectMany(write => write.Rows)];
        var isDeleted = false;
        // Whose log it is decides what follows from a failure.
        if (table.TryChange(to => isDeleted = to.Change(rows, deletion)) is { } failure)
        {
            writes.ForEach(write => write.Done.SetException(failure));
            if (deletions.TryDequeue(out var failed))
                failed.Done.SetException(failure);
            return;
        }

        writes.ForEach(write => write.Done.SetResult(NothingRejected));
        if (isDeleted && deletions.TryDequeue(out var done))
            done.Done.SetResult();
    }

    private sealed record Write(IReadOnlyList<JournalRow> Rows) : IJournalChange
    {
        // Whoever waits may go on to dispose of the writer, and so must not go on inside its loop.
        public TaskCompletionSource<IImmutableList<Exception>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>What the writer is asked for.</summary>
internal interface IJournalChange;

/// <summary>Rows that are to go: those of an owner, through a number.</summary>
internal sealed record JournalDeletion(string PersistenceId, long Through) : IJournalChange
{
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
