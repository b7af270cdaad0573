using Google.Protobuf;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Contracts.Wire;

/// <summary>The events of the journal.</summary>
internal static class EventMapper
{
    /// <summary>Every event but <see cref="EntriesAppended"/>, whose bulk <see cref="JournalCodec"/> writes in place.</summary>
    public static Proto.RaftEvent ToProto(IRaftEvent raftEvent) => raftEvent switch
    {
        Voted voted => new() { Voted = new() { Term = voted.Term.Value, VotedFor = ProtoBytes.Of(voted.VotedFor) } },
        LogTruncated truncated => new() { LogTruncated = new() { From = truncated.From.Value } },
        LogCompacted compacted => new() { LogCompacted = ToProto(compacted) },
        SnapshotInstalled installed => new() { SnapshotInstalled = new() { Meta = ConfigurationMapper.ToProto(installed.Meta) } },
        Bootstrapped bootstrapped => new() { Bootstrapped = new() { Configuration = ConfigurationMapper.ToProto(bootstrapped.Configuration) } },
        _ => throw new ArgumentException($"{raftEvent.GetType().Name} has no form on disk; give it one in journal.proto and here.", nameof(raftEvent)),
    };

    public static IRaftEvent FromProto(Proto.RaftEvent proto) => proto.EventCase switch
    {
        Proto.RaftEvent.EventOneofCase.EntriesAppended => FromProto(proto.EntriesAppended),
        Proto.RaftEvent.EventOneofCase.Voted =>
            new Voted(Expect.Term(proto.Voted.Term, "term"), Expect.NodeOrNone(proto.Voted.VotedFor, "voted for")),
        Proto.RaftEvent.EventOneofCase.LogTruncated => new LogTruncated(Expect.Index(proto.LogTruncated.From, "truncated from")),
        Proto.RaftEvent.EventOneofCase.LogCompacted => FromProto(proto.LogCompacted),
        Proto.RaftEvent.EventOneofCase.SnapshotInstalled => new SnapshotInstalled(ConfigurationMapper.FromProto(proto.SnapshotInstalled.Meta)),
        Proto.RaftEvent.EventOneofCase.Bootstrapped =>
            new Bootstrapped(ConfigurationMapper.FromProto(proto.Bootstrapped.Configuration, "first members")),
        _ => throw Expect.Malformed("an event is of no kind that this version knows; was it written by a newer version?"),
    };

    private static Proto.LogCompacted ToProto(LogCompacted compacted) =>
        new() { Meta = ConfigurationMapper.ToProto(compacted.Meta), CompactThrough = compacted.CompactThrough.Value };

    private static LogCompacted FromProto(Proto.LogCompacted compacted) =>
        new(ConfigurationMapper.FromProto(compacted.Meta), Expect.Index(compacted.CompactThrough, "compacted through"));

    private static EntriesAppended FromProto(ByteString block)
    {
        var entries = EntryBlock.Read(block.Memory);
        return entries.IsEmpty ? throw Expect.Malformed("no entries were appended") : new EntriesAppended(entries);
    }
}
