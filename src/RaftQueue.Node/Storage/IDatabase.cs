using System.Data.Common;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace RaftQueue.Node.Storage;

/// <summary>The database that holds a node's journal and snapshots, as the rest of the room needs to know it.</summary>
internal interface IDatabase
{
    /// <summary>How the operator knows it, without secrets.</summary>
    string Description { get; }

    /// <summary>
    /// Which database it is and where in it the data lies, but not on which host: what may never change for a node's data.
    /// </summary>
    string Place { get; }

    /// <summary>The Akka.Persistence plugins over it.</summary>
    Config Plugins { get; }

    /// <summary>The table, qualified for SQL, in which the journal says whose it is.</summary>
    string OwnerTable { get; }

    /// <summary>Opens a connection to where the journal lies, and creates what must be there before the plugins start.</summary>
    DbConnection OpenJournal();

    /// <summary>Opens a connection to where the snapshots lie.</summary>
    DbConnection OpenSnapshots();

    /// <summary>The journal plugin's table, qualified for SQL.</summary>
    string JournalTable { get; }

    /// <summary>The snapshot plugin's table, qualified for SQL.</summary>
    string SnapshotTable { get; }

    /// <summary>How the database writes "no".</summary>
    string False { get; }

    /// <summary>A transaction that sees the database as it is at its first statement, and holds up nobody.</summary>
    DbTransaction BeginReading(DbConnection connection);

    /// <summary>The files in the data directory that are the database's.</summary>
    IEnumerable<string> Files { get; }

    /// <summary>Sets aside, under a name that ends with <paramref name="suffix"/>, what does not lie in the data directory. The database is not in use.</summary>
    /// <returns>Where it is now, for people; null where there was nothing.</returns>
    string? SetAside(string suffix);

    /// <summary>Adds to the plugins' set-up what HOCON cannot express about connections.</summary>
    ActorSystemSetup AddTo(ActorSystemSetup setup);

    /// <summary>Closes the connections that are kept open between uses.</summary>
    void ReleaseConnections();
}
