using System.Data.Common;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>What every database must do for a node.</summary>
public abstract partial class StorageContract : IDisposable
{
    private const string Owner = "raftqueue/0/pieces";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>The data directory of the node under test lies in here.</summary>
    protected TemporaryFolder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another name in each test, as PostgreSQL keeps the nodes of all tests in one database.</summary>
    protected string Node { get; } = $"n{Guid.NewGuid():n}";

    /// <summary>The storage section for the node, its data in <see cref="Folder"/>.</summary>
    protected abstract string Hocon { get; }

    /// <summary>The name of a table for SQL, in the database of <see cref="Connect"/>.</summary>
    protected abstract string Table(string name);

    /// <summary>Goes behind the node's back to the database that holds a table.</summary>
    protected abstract DbConnection Connect(string table);

    protected RunningStorage Start() => RunningStorage.Start(Hocon, Node);

    private (int Serializer, string Manifest) Row(string table, string serializerColumn)
    {
        using var connection = Connect(table);
        using var select = connection.CreateCommand();
        select.CommandText = $"select {serializerColumn}, manifest from {Table(table)}";
        using var rows = select.ExecuteReader();
        Assert.True(rows.Read());
        return (rows.GetInt32(0), rows.GetString(1));
    }

    private void Execute(string table, string sql)
    {
        using var connection = Connect(table);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void Alter(long number, Action<byte[]> change)
    {
        using var connection = Connect("snapshot");
        using var select = connection.CreateCommand();
        select.CommandText = $"select snapshot from {Table("snapshot")} where sequence_number = {number}";
        var bytes = (byte[])select.ExecuteScalar()!;
        change(bytes);
        using var update = connection.CreateCommand();
        update.CommandText = $"update {Table("snapshot")} set snapshot = @bytes where sequence_number = {number}";
        var parameter = update.CreateParameter();
        parameter.ParameterName = "@bytes";
        parameter.Value = bytes;
        update.Parameters.Add(parameter);
        Assert.Equal(1, update.ExecuteNonQuery());
    }
}
