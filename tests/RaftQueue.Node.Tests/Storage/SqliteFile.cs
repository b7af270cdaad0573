using Microsoft.Data.Sqlite;

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
}
