using System.Data.Common;

namespace RaftQueue.Node.Storage;

/// <summary>
/// Ties the data directory and the journal together: both carry the node's identity. A node may vote under an incarnation only
/// with the journal in which that incarnation remembers its votes, so a lost journal begins a new one, and a mixed-up pair is
/// refused.
/// </summary>
internal static class JournalOwner
{
    /// <returns>Whether the journal was nobody's until now.</returns>
    /// <exception cref="DataDirectoryException">The journal belongs to another node or to another life of this one.</exception>
    public static bool Reconcile(DataDirectory directory, IDatabase database)
    {
        using var journal = database.OpenJournal();
        Execute(
            journal,
            $"create table if not exists {database.OwnerTable} (node varchar(255) not null, incarnation varchar(36) not null)");
        if (Read(journal, database.OwnerTable) is not var (node, incarnation))
        {
            // Nothing was ever voted here. Unless the directory is new as well, what it remembers belongs to a journal that is gone.
            if (!directory.IsNew)
                directory.BeginFreshIncarnation();
            Stamp(journal, database.OwnerTable, directory.Identity);
            return true;
        }
        if (node != directory.Node)
        {
            throw new DataDirectoryException(
                directory.Path, $"its journal ({database.Description}) belongs to node \"{node}\", not to \"{directory.Node}\".");
        }
        if (directory.IsNew)
            directory.Adopt(directory.Identity with { Incarnation = incarnation }); // the votes are all in the journal
        else if (incarnation != directory.Incarnation)
        {
            throw new DataDirectoryException(
                directory.Path,
                $"its incarnation is {directory.Incarnation}, but the journal ({database.Description}) is of incarnation {incarnation}. " +
                "Restore both from the same time, or set both aside with the server's verb repair.");
        }

        return false;
    }

    private static (string Node, Guid Incarnation)? Read(DbConnection journal, string table)
    {
        using var select = journal.CreateCommand();
        select.CommandText = $"select node, incarnation from {table}";
        using var rows = select.ExecuteReader();
        return rows.Read() ? (rows.GetString(0), Guid.Parse(rows.GetString(1))) : null;
    }

    private static void Stamp(DbConnection journal, string table, NodeIdentity identity)
    {
        using var insert = journal.CreateCommand();
        insert.CommandText = $"insert into {table} (node, incarnation) values (@node, @incarnation)";
        Add(insert, "@node", identity.Node);
        Add(insert, "@incarnation", identity.Incarnation.ToString());
        insert.ExecuteNonQuery();
    }

    private static void Add(DbCommand command, string name, string value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }

    private static void Execute(DbConnection journal, string sql)
    {
        using var command = journal.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
