using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Journal;

namespace RaftQueue.Node.Storage;

/// <summary>
/// The journal of Akka.Persistence.Sql with a shorter way to the disk. Tables and recovery are the library's, and so is the format of the rows; only writing, which every confirmed message
/// waits for, and deleting, which that must not wait for, go through one connection and prepared statements, without a stream and a
/// statement built anew for each (docs/performance-log.md).
/// </summary>
internal sealed class SqliteJournal : SqlWriteJournal
{
    private readonly SqliteJournalWriter writer;
    private readonly Akka.Serialization.Serialization serialization = Context.System.Serialization;
    private volatile Task last = Task.CompletedTask;

    /// <param name="config">The plugin's section, as Akka.Persistence hands it over.</param>
    public SqliteJournal(Config config)
        : base(config)
    {
        writer = new SqliteJournalWriter(SqliteSetup.Of(Context.System, StoragePlugins.JournalId).OpenJournal);
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        writer.Dispose();
        base.PostStop();
    }

    /// <inheritdoc />
    protected override Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var rows = messages
            .SelectMany(write => (IImmutableList<IPersistentRepresentation>)write.Payload)
            .Select(representation => JournalRow.Of(representation, serialization))
            .ToList();
        var write = writer.WriteAsync(rows);
        last = write;
        return write;
    }

    /// <inheritdoc />
    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr, CancellationToken cancellationToken) =>
        writer.DeleteAsync(persistenceId, toSequenceNr);

    /// <inheritdoc />
    public override async Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr, CancellationToken cancellationToken)
    {
        // Who starts again while a write of its former life is on its way must find that written, or failed. A recovery begins with this question.
        await last.ContinueWith(_ => { }, cancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        return await base.ReadHighestSequenceNrAsync(persistenceId, fromSequenceNr, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>A row of the journal's table.</summary>
internal readonly record struct JournalRow(string PersistenceId, long SequenceNr, byte[] Message, int Serializer, string Manifest, string Writer, long Created)
{
    public static JournalRow Of(IPersistentRepresentation representation, Akka.Serialization.Serialization serialization)
    {
        var payload = representation.Payload;
        var serializer = serialization.FindSerializerFor(payload);
        return new JournalRow(
            representation.PersistenceId,
            representation.SequenceNr,
            serializer.ToBinary(payload),
            serializer.Identifier,
            Akka.Serialization.Serialization.ManifestFor(serializer, payload),
            representation.WriterGuid,
            DateTime.UtcNow.Ticks);
    }
}
