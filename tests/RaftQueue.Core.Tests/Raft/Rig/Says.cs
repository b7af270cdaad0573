using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Tests.Raft.Rig;

/// <summary>Messages made by hand.</summary>
internal static class Says
{
    public static Envelope From(Cluster cluster, string from, string to, IPeerMessage message) =>
        new(new NodeId(from), cluster[from].Incarnation, new NodeId(to), Incarnation.Unknown, message);

    public static AppendEntries Append(long term, long prevIndex, long prevTerm, params Entry[] entries) =>
        new(new GroupId(0), new Term(term), new LogIndex(prevIndex), new Term(prevTerm), [.. entries], LogIndex.Zero, Round: 1);

    public static RequestVote RequestVote(long term, long lastIndex, long lastTerm) =>
        new(new GroupId(0), new Term(term), new LogIndex(lastIndex), new Term(lastTerm), IsPreVote: false, IsTransfer: false);
}
