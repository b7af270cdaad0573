using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>A connection, and the statements that are prepared on it once and run often. The connection is theirs from now on.</summary>
internal sealed class PreparedConnection(SqliteConnection connection) : IDisposable
{
    private readonly List<SqliteCommand> commands = [];

    /// <summary>Prepares a statement with its parameters.</summary>
    public SqliteCommand Prepare(string text, params ReadOnlySpan<(string Name, SqliteType Type)> parameters)
    {
        var command = connection.CreateCommand();
        commands.Add(command);
        command.CommandText = text;
        foreach (var (name, type) in parameters)
            command.Parameters.Add(name, type);
        command.Prepare();
        return command;
    }

    /// <summary>Runs statements that are needed once.</summary>
    public void Run(string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    /// <summary>Runs prepared statements in one transaction; what they changed is on disk when it returns. After a failure the connection is of no use any more.</summary>
    public void InTransaction(Action change)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var command in commands)
            command.Transaction = transaction;
        change();
        transaction.Commit();
        foreach (var command in commands)
            command.Transaction = null;
    }

    public void Dispose()
    {
        foreach (var command in commands)
            command.Dispose();
        connection.Dispose();
    }
}

/// <summary>How a prepared statement is run.</summary>
internal static class PreparedCommands
{
    /// <summary>Runs it with these values, in the order of its parameters.</summary>
    /// <returns>How many rows it changed.</returns>
    public static int Execute(this SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var at = 0; at < values.Length; at++)
            command.Parameters[at].Value = values[at];
        return command.ExecuteNonQuery();
    }
}
