using Microsoft.Data.Sqlite;
using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.Faults;

namespace RaftQueue.MultiNode.Tests.Operations;

/// <summary>What can be damaged in a node's data directory.</summary>
public enum Damaged
{
    JournalRecord,
    JournalFile,
    Checkpoint,
    SnapshotManifest,
    SnapshotPiece,
    SnapshotFile,
    Identity,
}

/// <summary>Damages it.</summary>
internal static class StoredDamage
{
    private const string LogRows = "persistence_id like '%/log'";
    private const string ManifestRows = "persistence_id like '%/snapshot/manifest'";
    private const string PieceRows = "persistence_id like '%/snapshot/%' and persistence_id not like '%/manifest' and persistence_id not like '%/intent'";

    public static void Do(Damaged what, ServerNode node)
    {
        switch (what)
        {
            case Damaged.JournalRecord:
                JournalDamage.FlipOneBit(node.DataFolder, new Random(7));
                break;
            case Damaged.Checkpoint:
                CutRows(node, LogRows);
                break;
            case Damaged.SnapshotManifest:
                CutRows(node, ManifestRows);
                break;
            case Damaged.SnapshotPiece:
                CutRows(node, PieceRows);
                break;
            case Damaged.JournalFile:
                Overwrite(node, "journal.db");
                break;
            case Damaged.SnapshotFile:
                Overwrite(node, "snapshots.db");
                break;
            default:
                Overwrite(node, "identity");
                break;
        }
    }

    // Also while the node runs: it is one more writer.
    private static void CutRows(ServerNode node, string rows)
    {
        var file = new SqliteConnectionStringBuilder { DataSource = Path.Combine(node.DataFolder, "snapshots.db"), Pooling = false };
        using var snapshots = new SqliteConnection(file.ToString());
        snapshots.Open();
        using var update = snapshots.CreateCommand();
        update.CommandText = $"update snapshot set snapshot = substr(snapshot, 1, length(snapshot) - 1) where {rows}";
        Assert.True(update.ExecuteNonQuery() > 0, $"There is nothing to damage where {rows}.");
    }

    private static void Overwrite(ServerNode node, string name)
    {
        foreach (var log in new[] { "-wal", "-shm" })
            File.Delete(Path.Combine(node.DataFolder, name + log));
        File.WriteAllText(Path.Combine(node.DataFolder, name), new string('x', 8192));
    }
}
