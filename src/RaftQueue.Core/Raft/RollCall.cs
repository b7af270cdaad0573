using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>Who has answered a founder.</summary>
/// <param name="Blank">Members that know nothing of the group, as the voters they are to be, in the life that answered.</param>
/// <param name="Settled">Members that know of the group: it exists, and is not founded again.</param>
/// <param name="Term">The highest term that anybody was in: a former life of the founder may have led it.</param>
public sealed record RollCall(ImmutableArray<Member> Blank, ImmutableArray<NodeId> Settled, Term Term)
{
    /// <summary>Nobody has answered yet.</summary>
    public static readonly RollCall Begun = new([], [], Term.Zero);

    internal RollCall With(NodeId node, Incarnation incarnation, FoundingReply reply)
    {
        var term = reply.Term > Term ? reply.Term : Term;
        var (blank, settled) = (Blank.RemoveAll(member => member.Id == node), Settled.Remove(node));
        return reply.IsBlank
            ? new RollCall(blank.Add(new Member(node, incarnation, MemberKind.Voter)), settled, term)
            : new RollCall(blank, settled.Add(node), term);
    }
}
