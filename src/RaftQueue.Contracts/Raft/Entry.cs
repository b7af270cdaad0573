namespace RaftQueue.Contracts.Raft;

/// <summary>What a log entry carries.</summary>
public enum EntryKind : byte
{
    /// <summary>Nothing: a leader's first entry, by which it learns what is committed (§8).</summary>
    NoOp = 0,

    /// <summary>A command for the queue machine, opaque to Raft.</summary>
    Command = 1,

    /// <summary>A cluster configuration (§6, and the dissertation's §4.1: one server at a time).</summary>
    Configuration = 2,

    /// <summary>From here on the machine works by this version: every member has said that it knows it.</summary>
    MachineVersion = 3,
}

/// <summary>One entry of the replicated log (§5.3). Two entries with the same index and term are the same entry.</summary>
/// <param name="Index">Its place in the log.</param>
/// <param name="Term">The term of the leader that made it.</param>
/// <param name="Stamp">The leader's time when it made it; never earlier than the entry before it.</param>
/// <param name="Kind">What the payload is.</param>
/// <param name="Payload">Opaque bytes; never changed after the entry was made.</param>
public sealed record Entry(LogIndex Index, Term Term, LogTime Stamp, EntryKind Kind, ReadOnlyMemory<byte> Payload)
{
    /// <summary>What an entry takes up on the wire and on disk beside its payload, in bytes: an upper bound.</summary>
    public const int Overhead = 40;

    /// <summary>How much this entry counts against a byte budget.</summary>
    public int Weight => Payload.Length + Overhead;
}
