using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Akka.Actor.Setup;
using Akka.Configuration;
using Npgsql;
using RaftQueue.Contracts.Hocon;

namespace RaftQueue.Node.Storage;

/// <summary>One schema in a PostgreSQL database: the tables of one node.</summary>
internal sealed partial class PostgresDatabase : IDatabase
{
    private const string SchemaPath = "raftqueue.storage.postgres.schema";
    private const string ConnectionPath = "raftqueue.storage.postgres.connection-string";
    private const int LongestName = 63; // PostgreSQL cuts longer identifiers

    private readonly string connectionString;
    private readonly string schema;

    public PostgresDatabase(StorageSettings settings, string node)
    {
        var options = Parse(settings.Postgres.ConnectionString);
        connectionString = options.ConnectionString;
        schema = SchemaOf(settings.Postgres.Schema, node);
        Description = $"PostgreSQL at {options.Host}:{options.Port}, database {options.Database}, schema {schema}";
        Plugins = StoragePlugins.ForPostgres(settings, connectionString, schema);
    }

    public string Description { get; }

    public string Place => $"postgres, schema {schema}";

    public Config Plugins { get; }

    public string OwnerTable => $"\"{schema}\".raftqueue_owner";

    public string JournalTable => $"\"{schema}\".journal";

    public string SnapshotTable => $"\"{schema}\".snapshot";

    public string False => "false";

    public IEnumerable<string> Files => [];

    public DbConnection OpenJournal() => Open($"create schema if not exists \"{schema}\"");

    public DbConnection OpenSnapshots() => Open(null);

    public DbTransaction BeginReading(DbConnection connection) => connection.BeginTransaction(IsolationLevel.RepeatableRead);

    public string? SetAside(string suffix)
    {
        using var connection = Open(null);
        using var find = connection.CreateCommand();
        find.CommandText = $"select count(*) from information_schema.schemata where schema_name = '{schema}'";
        if (Convert.ToInt64(find.ExecuteScalar(), CultureInfo.InvariantCulture) == 0)
            return null;
        var aside = $"{schema[..Math.Min(schema.Length, LongestName - suffix.Length - 1)]}_{suffix}";
        using var rename = connection.CreateCommand();
        rename.CommandText = $"alter schema \"{schema}\" rename to \"{aside}\"";
        rename.ExecuteNonQuery();
        return $"schema {aside}";
    }

    private NpgsqlConnection Open(string? first)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            connection.Open();
            if (first is null)
                return connection;
            using var create = connection.CreateCommand();
            create.CommandText = first;
            create.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public ActorSystemSetup AddTo(ActorSystemSetup setup) => setup; // the connection string says it all

    public void ReleaseConnections()
    {
        using var connection = new NpgsqlConnection(connectionString);
        NpgsqlConnection.ClearPool(connection);
    }

    /// <summary>What is wrong with a connection string, without what is in it; null where nothing is.</summary>
    public static string? ProblemOf(string connectionString)
    {
        try
        {
            _ = Parse(connectionString);
            return null;
        }
        catch (RaftQueueConfigurationException refused)
        {
            return refused.Message[(ConnectionPath.Length + 2)..];
        }
    }

    private static NpgsqlConnectionStringBuilder Parse(string text)
    {
        try
        {
            var options = new NpgsqlConnectionStringBuilder(text);
            // A server or a role may have turned it off; then a confirmed commit could be lost. Whoever sets it here means it.
            if (options.Options?.Contains("synchronous_commit", StringComparison.Ordinal) != true)
                options.Options = $"{options.Options} -c synchronous_commit=on".TrimStart();
            return options;
        }
        catch (Exception cause) when (cause is ArgumentException or FormatException)
        {
            throw new RaftQueueConfigurationException(ConnectionPath, $"is not an Npgsql connection string ({cause.Message}).", cause);
        }
    }

    private static string SchemaOf(string configured, string node)
    {
        if (configured.Length == 0)
            return Derived(node);
        return SchemaName().IsMatch(configured)
            ? configured
            : throw new RaftQueueConfigurationException(
                SchemaPath, $"\"{configured}\" must be lower-case letters, digits and underscores, at most {LongestName}.");
    }

    // Two names may lead to one schema; the owner that is written in it then refuses the second node.
    private static string Derived(string node)
    {
        var name = new StringBuilder("raftqueue_");
        foreach (var letter in node.ToLowerInvariant())
            name.Append(char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) ? letter : '_');
        return name.ToString(0, Math.Min(name.Length, LongestName));
    }

    [GeneratedRegex("^[a-z_][a-z0-9_]{0,62}$")]
    private static partial Regex SchemaName();
}
