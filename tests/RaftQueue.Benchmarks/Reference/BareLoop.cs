using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using RaftQueue.Benchmarks.Systems;

namespace RaftQueue.Benchmarks.Reference;

/// <summary>
/// Replication with nothing around it: a leader sends each batch to two followers over loopback TCP, all three write it to SQLite (write-ahead log, synced at every
/// commit), and the next batch goes when all have it. No elections, no queues, no actors, no clients: a measure of the machine, to compare RaftQueue with in the same
/// run.
/// </summary>
public static class BareLoop
{
    private const int MessagesPerBatch = 256;
    private const int MessageBytes = 256;
    private const int BatchBytes = MessagesPerBatch * MessageBytes;

    /// <summary>Replicates messages of 256 bytes, 256 in a batch.</summary>
    /// <param name="messages">How many to replicate; rounded down to whole batches.</param>
    public static BareCost Measure(int messages)
    {
        using var folder = new TemporaryFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var followers = Enumerable.Range(1, 2).Select(node => Follow((IPEndPoint)listener.LocalEndpoint, folder.PathOf($"{node}.db"))).ToList();
        var streams = followers.Select(_ => listener.AcceptTcpClient()).ToList();
        using var journal = new BareJournal(folder.PathOf("leader.db"));
        var batch = new byte[BatchBytes];
        Random.Shared.NextBytes(batch);
        Replicate(streams, journal, batch, batches: 50); // warm
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        var batches = messages / MessagesPerBatch;
        Replicate(streams, journal, batch, batches);
        var seconds = watch.Elapsed.TotalSeconds;
        var cpuSeconds = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        streams.ForEach(stream => stream.Dispose());
        followers.ForEach(follower => follower.Join());
        var replicated = (double)batches * MessagesPerBatch;
        return new BareCost(replicated / seconds, cpuSeconds * 1e6 / replicated);
    }

    private static void Replicate(List<TcpClient> followers, BareJournal journal, byte[] batch, int batches)
    {
        using var acked = new SemaphoreSlim(0);
        var readers = followers.Select(follower => Task.Factory.StartNew(
            () => PassOnAcks(follower, batches, acked), TaskCreationOptions.LongRunning)).ToArray();
        for (var sent = 0; sent < batches; sent++)
        {
            foreach (var follower in followers)
                follower.GetStream().Write(batch);
            journal.Append(batch);
            // As each batch waits for both, none runs ahead; Raft would wait for one of them.
            acked.Wait();
            acked.Wait();
        }

        Task.WaitAll(readers);
    }

    private static void PassOnAcks(TcpClient follower, int batches, SemaphoreSlim acked)
    {
        for (var i = 0; i < batches; i++)
        {
            if (follower.GetStream().ReadByte() < 0)
                throw new EndOfStreamException("A follower of the bare loop has gone.");
            acked.Release();
        }
    }

    private static Thread Follow(IPEndPoint leader, string path)
    {
        var thread = new Thread(() =>
        {
            using var client = new TcpClient { NoDelay = true };
            client.Connect(leader);
            using var journal = new BareJournal(path);
            var (stream, batch) = (client.GetStream(), new byte[BatchBytes]);
            while (stream.ReadAtLeast(batch, BatchBytes, throwOnEndOfStream: false) == BatchBytes)
            {
                journal.Append(batch);
                stream.WriteByte(1);
            }
        })
        { IsBackground = true };
        thread.Start();
        return thread;
    }

    /// <summary>One table, one row a batch, one sync a row.</summary>
    private sealed class BareJournal : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _insert;
        private readonly SqliteParameter _payload;

        public BareJournal(string path)
        {
            _connection = new SqliteConnection($"Data Source={path};Pooling=False");
            _connection.Open();
            using var setUp = _connection.CreateCommand();
            setUp.CommandText = "pragma journal_mode=WAL; pragma synchronous=FULL; pragma wal_autocheckpoint=4000; create table log (number integer primary key, payload blob)";
            setUp.ExecuteNonQuery();
            _insert = _connection.CreateCommand();
            _insert.CommandText = "insert into log (payload) values ($payload)";
            _payload = _insert.Parameters.Add("$payload", SqliteType.Blob);
        }

        public void Append(byte[] batch)
        {
            _payload.Value = batch;
            _insert.ExecuteNonQuery();
        }

        public void Dispose()
        {
            _insert.Dispose();
            _connection.Dispose();
        }
    }
}

/// <summary>What the bare loop gave.</summary>
/// <param name="MessagesPerSecond">Messages a second.</param>
/// <param name="CpuPerMillion">CPU seconds for a million messages, leader and followers together.</param>
public sealed record BareCost(double MessagesPerSecond, double CpuPerMillion);
