using System.Data.Common;
using Akka.Configuration;
using Akka.Persistence.Sql.Config;

namespace RaftQueue.Node.Storage;

/// <summary>The database that holds a node's journal and snapshots, as the rest of the room needs to know it.</summary>
internal interface IDatabase
{
    /// <summary>How the operator knows it, without secrets.</summary>
    string Description { get; }

    /// <summary>The Akka.Persistence plugins over it.</summary>
    Config Plugins { get; }

    /// <summary>The table, qualified for SQL, in which the journal says whose it is.</summary>
    string OwnerTable { get; }

    /// <summary>Opens a connection to where the journal lies, and creates what must be there before the plugins start.</summary>
    DbConnection OpenJournal();

    /// <summary>Hands the plugins the connection options that HOCON cannot express.</summary>
    void Configure(MultiDataOptionsSetup setup);

    /// <summary>Closes the connections that are kept open between uses.</summary>
    void ReleaseConnections();
}
