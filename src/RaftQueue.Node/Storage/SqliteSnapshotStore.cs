using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Snapshot;

namespace RaftQueue.Node.Storage;

/// <summary>
/// The snapshot store of Akka.Persistence.Sql, except that rows which are saved or deleted at the same time share a transaction, and its sync, and that their statements are prepared once: the library
/// builds a deletion anew each time, for milliseconds, and a snapshot makes a dozen. The table, the format of its rows and loading are the library's.
/// </summary>
internal sealed class SqliteSnapshotStore : SqlSnapshotStore
{
    private readonly SqliteSnapshotWriter writer;
    private readonly Akka.Serialization.Serialization serialization = Context.System.Serialization;

    /// <param name="config">The plugin's section, as Akka.Persistence hands it over.</param>
    public SqliteSnapshotStore(Config config)
        : base(config)
    {
        writer = new SqliteSnapshotWriter(SqliteSetup.Of(Context.System, StoragePlugins.SnapshotStoreId).OpenSnapshots);
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        writer.Dispose();
        base.PostStop();
    }

    /// <inheritdoc />
    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot, CancellationToken cancellationToken) =>
        writer.ChangeAsync(SnapshotRow.Of(metadata, snapshot, serialization));

    /// <inheritdoc />
    protected override Task DeleteAsync(SnapshotMetadata metadata, CancellationToken cancellationToken) => metadata.Timestamp == DateTime.MinValue
        ? writer.ChangeAsync(new SnapshotDeletion(metadata.PersistenceId, metadata.SequenceNr, metadata.SequenceNr))
        : base.DeleteAsync(metadata, cancellationToken);

    /// <inheritdoc />
    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria, CancellationToken cancellationToken) =>
        criteria.MaxTimeStamp == DateTime.MaxValue && (criteria.MinTimestamp ?? DateTime.MinValue) == DateTime.MinValue
            ? writer.ChangeAsync(new SnapshotDeletion(persistenceId, criteria.MinSequenceNr, criteria.MaxSequenceNr))
            : base.DeleteAsync(persistenceId, criteria, cancellationToken);
}

/// <summary>What may be done to the snapshots' table.</summary>
internal interface ISnapshotChange;

/// <summary>Rows of one owner go: those with these numbers, both included, of any time.</summary>
internal sealed record SnapshotDeletion(string PersistenceId, long From, long Through) : ISnapshotChange;

/// <summary>A row takes the place of one with its owner and number.</summary>
internal sealed record SnapshotRow(string PersistenceId, long SequenceNr, byte[] Snapshot, int Serializer, string Manifest, long Created) : ISnapshotChange
{
    public static SnapshotRow Of(SnapshotMetadata metadata, object snapshot, Akka.Serialization.Serialization serialization)
    {
        var serializer = serialization.FindSerializerFor(snapshot);
        return new SnapshotRow(
            metadata.PersistenceId,
            metadata.SequenceNr,
            serializer.ToBinary(snapshot),
            serializer.Identifier,
            Akka.Serialization.Serialization.ManifestFor(serializer, snapshot),
            metadata.Timestamp.Ticks);
    }
}
