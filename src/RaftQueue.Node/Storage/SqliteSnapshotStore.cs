using Akka.Configuration;
using Akka.Persistence;
using Akka.Persistence.Sql.Snapshot;

namespace RaftQueue.Node.Storage;

/// <summary>
/// The snapshot store of Akka.Persistence.Sql, except that rows which are saved at the same time share a transaction, and its sync. The table, the format of its rows, loading and deleting are the
/// library's.
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
        writer.SaveAsync(SnapshotRow.Of(metadata, snapshot, serialization));
}

/// <summary>A row of the snapshots' table.</summary>
internal readonly record struct SnapshotRow(string PersistenceId, long SequenceNr, byte[] Snapshot, int Serializer, string Manifest, long Created)
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
