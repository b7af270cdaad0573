using System.Collections.Immutable;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Core.Tests.Raft.Rig;

/// <summary>Short words for logs: <c>Logs.Of(4, 4, 5, 7)</c> are entries 1 to 4 with these terms.</summary>
internal static class Logs
{
    public static EntriesAppended Of(params long[] terms) => From(1, terms);

    public static EntriesAppended From(long first, params long[] terms) => new([.. terms.Select((term, place) => Entry(first + place, term))]);

    public static Entry Entry(long index, long term, string? command = null) => new(
        new LogIndex(index), new Term(term), LogTime.Zero, EntryKind.Command, Encoding.UTF8.GetBytes(command ?? $"{index}@{term}"));

    public static Voted InTerm(long term, string? votedFor = null) => new(new Term(term), votedFor is null ? null : new NodeId(votedFor));

    /// <summary>The terms of a log's entries, in order.</summary>
    public static long[] Terms(Log log)
    {
        var terms = ImmutableArray.CreateBuilder<long>();
        for (var index = log.FirstIndex; index <= log.LastIndex; index = index.Next)
            terms.Add(log.TermAt(index)!.Value.Value);
        return [.. terms];
    }

    public static LogIndex At(long index) => new(index);
}
