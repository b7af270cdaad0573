using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>Who has answered a founder.</summary>
/// <param name="Blank">Members that know nothing of the group, as the voters they are to be, in the life that answered.</param>
/// <param name="Settled">Members that know of the group: it exists, and is not founded again.</param>
public sealed record RollCall(ImmutableArray<Member> Blank, ImmutableArray<NodeId> Settled)
{
    /// <summary>Nobody has answered yet.</summary>
    public static readonly RollCall Begun = new([], []);

    internal RollCall With(NodeId node, Incarnation incarnation, bool isBlank)
    {
        var (blank, settled) = (Blank.RemoveAll(member => member.Id == node), Settled.Remove(node));
        return isBlank
            ? new RollCall(blank.Add(new Member(node, incarnation, MemberKind.Voter)), settled)
            : new RollCall(blank, settled.Add(node));
    }
}
