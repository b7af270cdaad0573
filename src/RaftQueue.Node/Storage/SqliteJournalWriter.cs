using System.Collections.Immutable;
using System.Threading.Channels;
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
/// and shares its sync.
/// </summary>
internal sealed class SqliteJournalWriter : IDisposable
{
    private const IImmutableList<Exception> NothingRejected = null!; // as Akka.Persistence wants it said

    private readonly Channel<Write> waiting = Channel.CreateUnbounded<Write>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<Write> together = [];
    private readonly Func<SqliteConnection> open;
    private readonly Task loop;
    private JournalInsert? insert;

    /// <param name="open">Opens a connection with the right pragmas; called for the first write, when the tables are there.</param>
    public SqliteJournalWriter(Func<SqliteConnection> open)
    {
        this.open = open;
        loop = Task.Run(RunAsync);
    }

    /// <summary>Completes, with nothing rejected, when the rows are on disk; fails when none of them may be taken for written.</summary>
    public Task<IImmutableList<Exception>> WriteAsync(IReadOnlyList<JournalRow> rows)
    {
        var write = new Write(rows);
        return waiting.Writer.TryWrite(write) ? write.Done.Task : throw new ObjectDisposedException(nameof(SqliteJournalWriter));
    }

    /// <summary>Writes what was handed over, and closes the file.</summary>
    public void Dispose()
    {
        waiting.Writer.TryComplete();
        loop.GetAwaiter().GetResult();
    }

    private async Task RunAsync()
    {
        while (await waiting.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (waiting.Reader.TryRead(out var write))
                together.Add(write);
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
