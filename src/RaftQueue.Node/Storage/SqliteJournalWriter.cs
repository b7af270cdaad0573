using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor.Setup;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>How the journal's own connection is opened: HOCON cannot express it.</summary>
internal sealed class SqliteJournalSetup(Func<SqliteConnection> open) : Setup
{
    public Func<SqliteConnection> Open { get; } = open;
}

/// <summary>
/// Writes rows of the journal, in the order in which they are handed over. What is handed over while a transaction is on its way, by other groups, goes into the next one together,
/// and shares its sync. It has a thread of its own: one of the pool, which has as many as there are cores, would be missing to everybody else while the disk is slow.
/// </summary>
internal sealed class SqliteJournalWriter : IDisposable
{
    private const IImmutableList<Exception> NothingRejected = null!; // as Akka.Persistence wants it said

    private readonly BlockingCollection<Write> waiting = [];
    private readonly List<Write> together = [];
    private readonly Func<SqliteConnection> open;
    private readonly Thread thread;
    private JournalInsert? insert;

    /// <param name="open">Opens a connection with the right pragmas; called for the first write, when the tables are there.</param>
    public SqliteJournalWriter(Func<SqliteConnection> open)
    {
        this.open = open;
        thread = new Thread(Run) { Name = "raftqueue-journal", IsBackground = true };
        thread.Start();
    }

    /// <summary>Completes, with nothing rejected, when the rows are on disk; fails when none of them may be taken for written.</summary>
    public Task<IImmutableList<Exception>> WriteAsync(IReadOnlyList<JournalRow> rows)
    {
        ObjectDisposedException.ThrowIf(waiting.IsAddingCompleted, this);
        var write = new Write(rows);
        waiting.Add(write);
        return write.Done.Task;
    }

    /// <summary>Writes what was handed over, and closes the file.</summary>
    public void Dispose()
    {
        waiting.CompleteAdding();
        thread.Join();
        waiting.Dispose();
    }

    private void Run()
    {
        foreach (var first in waiting.GetConsumingEnumerable())
        {
            together.Add(first);
            while (waiting.TryTake(out var another))
                together.Add(another);
            WriteTogether();
            together.Clear();
        }

        insert?.Dispose();
    }

    private void WriteTogether()
    {
        try
        {
            insert ??= JournalInsert.On(open());
            insert.Execute(together.Count == 1 ? together[0].Rows : [.. together.SelectMany(write => write.Rows)]);
        }
        catch (Exception failure) // of whatever kind: those who wait must hear of it, and whose log it is decides what follows
        {
            together.ForEach(write => write.Done.SetException(failure));
            insert?.Dispose();
            insert = null;
            return;
        }

        together.ForEach(write => write.Done.SetResult(NothingRejected));
    }

    private sealed record Write(IReadOnlyList<JournalRow> Rows)
    {
        // Whoever waits may go on to dispose of the writer, and so must not go on inside its loop.
        public TaskCompletionSource<IImmutableList<Exception>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
