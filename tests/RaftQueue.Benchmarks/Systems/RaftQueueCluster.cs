using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Benchmarks.Systems;

/// <summary>How the servers of a cluster are set up.</summary>
/// <param name="Groups">Raft groups.</param>
/// <param name="Postgres">A PostgreSQL connection string; empty for SQLite.</param>
public sealed record ClusterOptions(int Groups = 1, string Postgres = "");

/// <summary>Three RaftQueue servers, each a process of its own, on loopback, in folders that are removed at the end.</summary>
public sealed class RaftQueueCluster : IAsyncDisposable
{
    private const int Size = 3;

    private readonly TemporaryFolder _folder = new();
    private readonly List<ServerProcess> _servers = [];
    private readonly int[] _ports = LoopbackPorts.Free(Size);
    private readonly ClusterOptions _options;

    private RaftQueueCluster(ClusterOptions options) => _options = options;

    /// <summary>Where the nodes listen.</summary>
    public IReadOnlyList<string> Addresses => [.. _ports.Select(port => $"127.0.0.1:{port}")];

    /// <summary>The processes.</summary>
    public NodeProcesses Nodes => new([.. _servers.Select(server => server.Id)]);

    /// <summary>Starts the servers; they need a moment until they have a leader.</summary>
    public static RaftQueueCluster Start(ClusterOptions options)
    {
        var cluster = new RaftQueueCluster(options);
        for (var node = 0; node < Size; node++)
            cluster.StartNode(node);
        return cluster;
    }

    /// <summary>Does something that needs all servers.</summary>
    /// <exception cref="InvalidOperationException">A server has ended meanwhile.</exception>
    public async Task<T> WhileUpAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var working = work(over.Token);
        var exits = _servers.Select(server => server.ExitAsync(over.Token)).ToList();
        var first = await Task.WhenAny([working, .. exits]);
        await over.CancelAsync();
        await Task.WhenAny(working);
        cancellation.ThrowIfCancellationRequested();
        return exits.IndexOf(first) is >= 0 and var node
            ? throw new InvalidOperationException($"The server {NameOf(node)} has ended. {_servers[node].LastWords}")
            : await working;
    }

    /// <summary>The number of a node by its name.</summary>
    public static int NumberOf(string node) => int.Parse(node.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) - 1;

    /// <summary>The name of a node.</summary>
    public static string NameOf(int node) => $"n{node + 1}";

    /// <summary>How many records each node's journals hold and held: each was one write, with one sync. Empty for PostgreSQL.</summary>
    public IReadOnlyList<long> JournalWrites() => _options.Postgres.Length > 0 ? [] : [.. Enumerable.Range(0, Size).Select(JournalWritesOf)];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
        _folder.Dispose();
    }

    private void StartNode(int node)
    {
        var config = _folder.PathOf($"{NameOf(node)}.conf");
        File.WriteAllText(config, Hocon(node));
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "server", "RaftQueue.Server.dll"), "--config", config]);
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("RAFTQUEUE_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        _servers.Add(ServerProcess.Start(start));
    }

    // Only what must be said: everything else is measured at its default.
    private string Hocon(int node) => $$"""
        raftqueue {
          node = {{NameOf(node)}}
          members = [{{string.Join(", ", Enumerable.Range(0, Size).Select(NameOf))}}]
          groups = {{_options.Groups}}
          storage.data-directory = "{{DataOf(node)}}"
          {{(_options.Postgres.Length == 0 ? "" : $"storage {{ provider = postgres, postgres.connection-string = \"{_options.Postgres}\" }}")}}
        }
        akka {
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = {{_ports[node]}} }
          cluster.seed-nodes = [{{string.Join(", ", _ports.Select(port => $"\"akka.tcp://raftqueue@127.0.0.1:{port}\""))}}]
        }
        """;

    private string DataOf(int node) => _folder.PathOf(NameOf(node));

    private long JournalWritesOf(int node)
    {
        var file = Path.Combine(DataOf(node), "journal.db");
        if (!File.Exists(file))
            return 0;
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select coalesce(sum(last), 0) from (select max(sequence_number) as last from journal group by persistence_id)";
        return (long)command.ExecuteScalar()!;
    }
}
