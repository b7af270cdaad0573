using Microsoft.Data.Sqlite;
using RaftQueue.Chaos.Cluster;

namespace RaftQueue.Chaos.Faults;

/// <summary>
/// The disk is full, and later has room again. The replica must stop by itself, loudly, and come back by itself; or it still finds room in its own files, where earlier records were, and
/// goes on as if nothing had been.
/// </summary>
public sealed class FullDiskFault() : Fault("disk-full", Reach.One)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public override string? WhyNot(Capabilities capabilities) => capabilities.WhyNoTmpfs;

    public override TimeSpan Hold(Random random) => Between(random, 4, 8);

    public override async Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        var node = scene.Targets[0];
        var since = node.LineCount;
        SmallDisk.Fill(node.DataFolder);
        var before = await scene.Cluster.StatusOfAsync(node, cancellation);
        if (await Awaiting.HoldsAsync(() => node.HasSaid("this replica stops", since) || node.HasSaid("does not start", since), Patience, cancellation))
        {
            scene.Remark($"{node.Name} said that its replica stops");
            return;
        }

        var after = await scene.Cluster.StatusOfAsync(node, cancellation);
        if (before is not null && after is not null && after.AppliedIndex > before.AppliedIndex)
            scene.Remark($"{node.Name} found room in its own files and went on from entry {before.AppliedIndex} to {after.AppliedIndex}");
        else
            scene.Complain($"the disk of {node.Name} was full for {Patience.TotalSeconds} s, and it neither goes on nor says that its replica stops");
    }

    public override Task HealAsync(Scene scene, CancellationToken cancellation)
    {
        SmallDisk.Empty(scene.Targets[0].DataFolder);
        return Task.CompletedTask;
    }
}

/// <summary>
/// A byte of the journal changes while the node is down. At its start the node must refuse the group and name the damage, whatever record it is in; it is then wiped and comes back as
/// a learner.
/// </summary>
public sealed class DamageFault() : Fault("damage", Reach.One)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public override TimeSpan Hold(Random random) => Between(random, 0, 2);

    public override Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        scene.Targets[0].Kill();
        JournalDamage.FlipOneBit(scene.Targets[0].DataFolder, scene.Random);
        return Task.CompletedTask;
    }

    public override async Task HealAsync(Scene scene, CancellationToken cancellation)
    {
        var node = scene.Targets[0];
        var since = node.LineCount;
        node.Start();
        bool IsRefused() => node.HasSaid("its journal cannot be read", since) || !node.IsUp;
        bool HasGoneOn() => node.HasSaid("remembers term", since);
        await Awaiting.HoldsAsync(() => IsRefused() || HasGoneOn(), Patience, cancellation);
        if (!IsRefused())
            scene.Complain($"{node.Name} {(HasGoneOn() ? "has started on a damaged journal without a word" : $"has said nothing of its damaged journal for {Patience.TotalSeconds} s")}");
        node.Kill();
        node.Wipe();
        node.Start();
    }
}

/// <summary>Damage that neither the file system nor the database notices.</summary>
public static class JournalDamage
{
    /// <summary>Flips one bit of one record in a node's journal, of those that its next start reads. The node must be down.</summary>
    /// <returns>Where, for people.</returns>
    public static string FlipOneBit(string dataFolder, Random random)
    {
        using var journal = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(dataFolder, "journal.db"), Pooling = false }.ToString());
        journal.Open();
        using var attach = Command(journal, "attach database @value as kept", Path.Combine(dataFolder, "snapshots.db"));
        attach.ExecuteNonQuery();
        // What a checkpoint covers is deleted bit by bit, and nobody reads it any more.
        var rows = Read(journal, """
            select ordering from journal
            where sequence_number > coalesce((select max(sequence_number) from kept.snapshot where snapshot.persistence_id = journal.persistence_id), 0)
            order by ordering
            """);
        if (rows.Count == 0)
            throw new InvalidOperationException($"The journal in {dataFolder} has no records to damage that a start would read.");
        var row = rows[random.Next(rows.Count)];
        using var select = Command(journal, "select message from journal where ordering = @value", row);
        var record = (byte[])select.ExecuteScalar()!;
        var bit = random.Next(record.Length * 8);
        record[bit / 8] ^= (byte)(1 << (bit % 8));
        using var update = Command(journal, "update journal set message = @record where ordering = @value", row);
        update.Parameters.AddWithValue("@record", record);
        update.ExecuteNonQuery();
        return $"bit {bit} of record {row}";
    }

    private static List<long> Read(SqliteConnection journal, string sql)
    {
        using var select = journal.CreateCommand();
        select.CommandText = sql;
        using var rows = select.ExecuteReader();
        var values = new List<long>();
        while (rows.Read())
            values.Add(rows.GetInt64(0));
        return values;
    }

    private static SqliteCommand Command(SqliteConnection journal, string sql, object value)
    {
        var command = journal.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("@value", value);
        return command;
    }
}
