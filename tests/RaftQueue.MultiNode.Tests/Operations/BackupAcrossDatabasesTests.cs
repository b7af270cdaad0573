using Akka.Configuration;
using RaftQueue.Client;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.Node;
using RaftQueue.Node.Backups;
using RaftQueue.Node.Storage;
using RaftQueue.Node.Tests.Storage;

namespace RaftQueue.MultiNode.Tests.Operations;

/// <summary>A backup does not depend on the database it was taken from.</summary>
public sealed class BackupAcrossDatabasesTests(PostgresServer postgres) : IClassFixture<PostgresServer>, IDisposable
{
    private const int Messages = 300;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PostgresFact]
    public async Task A_backup_of_SQLite_is_restored_on_PostgreSQL_and_back_again()
    {
        var (sqlite, server, back) = (Config("first", ""), Config("second", OnPostgres), Config("third", ""));
        var sent = await RunAsync(sqlite, async client =>
        {
            await using var producer = client.CreateProducer<string>("moving");
            await Task.WhenAll(Enumerable.Range(1, Messages).Select(number => producer.SendAsync($"message {number}")));
        });
        await MoveAsync(sqlite, server, "to-postgres.backup");
        Assert.Equal(sent, await RunAsync(server, _ => Task.CompletedTask));
        await MoveAsync(server, back, "to-sqlite.backup");

        Assert.Equal(sent, await RunAsync(back, _ => Task.CompletedTask));
        Assert.Equal(Messages, sent.Count);
    }

    [PostgresFact]
    public async Task A_schema_with_data_is_no_empty_place_until_it_is_set_aside()
    {
        var config = Config("only", OnPostgres + "\nraftqueue.storage.postgres.schema = refused_restore");
        await RunAsync(config, _ => Task.CompletedTask);
        await MoveAsync(config, to: null, "own.backup");
        Directory.Delete(_folder.PathOf("only"), recursive: true);

        var refused = await Assert.ThrowsAsync<BackupException>(() => NodeRestore.RunAsync(config, _folder.PathOf("own.backup")));
        Assert.Contains("has data already", refused.Message, StringComparison.Ordinal);

        Assert.Contains("schema refused_restore_set_aside_", NodeStorage.SetAside(RaftQueueSettings.Create(config).Storage, "n1"), StringComparison.Ordinal);
        Directory.Delete(_folder.PathOf("only"), recursive: true);
        await NodeRestore.RunAsync(config, _folder.PathOf("own.backup"));
    }

    private string OnPostgres => $"raftqueue.storage {{ provider = postgres, postgres.connection-string = \"{postgres.ConnectionString}\" }}";

    private Config Config(string folder, string hocon) => ConfigurationFactory.ParseString(hocon).WithFallback(
        NodeConfig.Of("n1", Loopback.FreePorts(1)[0], _folder.PathOf(folder), ["n1"], [], ClusterOptions.Default with { SnapshotEntries = 20, KeptLog = "1 KiB" }));

    /// <summary>Runs a cluster of one node, and returns what its queue holds at the end.</summary>
    private static async Task<IReadOnlyDictionary<long, string>> RunAsync(Config config, Func<RaftQueueClient, Task> use)
    {
        await using var node = RaftQueueNode.Start(config);
        var options = new RaftQueueClientOptions { Nodes = { node.Address } };
        await using var client = await RaftQueueClient.ConnectAsync(options);
        await client.DeclareQueueAsync("moving");
        await use(client);
        return await QueueContents.ReadAsync(client, "moving");
    }

    /// <summary>Copies a node while it runs, and restores the copy as the node of another configuration.</summary>
    private async Task MoveAsync(Config from, Config? to, string name)
    {
        await using (var node = RaftQueueNode.Start(from))
        {
            await using var client = await RaftQueueClient.ConnectAsync(new RaftQueueClientOptions { Nodes = { node.Address } });
            await client.ListQueuesAsync();
            var committed = (await client.Admin.GetStatusAsync("n1")).CommitIndex;
            NodeBackup.Take(node.Settings, [committed], _folder.PathOf(name));
        }

        if (to is not null)
            await NodeRestore.RunAsync(to, _folder.PathOf(name));
    }
}
