using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>Statements that are prepared once and run often.</summary>
internal static class SqliteCommands
{
    /// <summary>A statement with its parameters; it is prepared when the caller says so.</summary>
    public static SqliteCommand Command(this SqliteConnection connection, string text, params ReadOnlySpan<(string Name, SqliteType Type)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, type) in parameters)
            command.Parameters.Add(name, type);
        return command;
    }

    /// <summary>Runs it with these values, in the order of its parameters.</summary>
    /// <returns>How many rows it changed.</returns>
    public static int Execute(this SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var at = 0; at < values.Length; at++)
            command.Parameters[at].Value = values[at];
        return command.ExecuteNonQuery();
    }
}
