using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>A node's database file, looked into beside the node.</summary>
internal static class SqliteFile
{
    /// <summary>A connection of its own, which is closed when it is disposed of.</summary>
    public static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        return connection;
    }

    /// <summary>How many rows there are.</summary>
    /// <param name="connection">The file.</param>
    /// <param name="from">A table, and a condition if there is one.</param>
    public static long Count(this SqliteConnection connection, string from)
    {
        using var count = connection.CreateCommand();
        count.CommandText = $"select count(*) from {from}";
        return (long)count.ExecuteScalar()!;
    }

    /// <summary>How many transactions the write-ahead log of the file at this path holds.</summary>
    public static int Commits(string path)
    {
        // A frame that ends a transaction says how large the database is now; the others say 0.
        const int header = 32, frame = 24 + SqlitePragmas.PageBytes, sizeAfterCommit = 4;
        using var wal = new FileStream($"{path}-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[wal.Length];
        wal.ReadExactly(bytes);
        return Enumerable.Range(0, (bytes.Length - header) / frame).Count(at => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(header + at * frame + sizeAfterCommit)) != 0);
    }
}

/// <summary>Holds the write lock, on a connection that is its own, and so keeps all who would write waiting until it is disposed of.</summary>
internal sealed class SqliteLock : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteTransaction _transaction;

    public SqliteLock(SqliteConnection connection) => (_connection, _transaction) = (connection, connection.BeginTransaction());

    public void Dispose()
    {
        _transaction.Dispose();
        _connection.Dispose();
    }
}
