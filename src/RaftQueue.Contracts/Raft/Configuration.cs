using System.Collections.Immutable;

namespace RaftQueue.Contracts.Raft;

/// <summary>Whether a member counts in a majority.</summary>
public enum MemberKind : byte
{
    /// <summary>It votes, and its acknowledgements commit.</summary>
    Voter = 0,

    /// <summary>It receives the log but neither votes nor counts; it becomes a voter once it has caught up (dissertation, §4.2.1).</summary>
    Learner = 1,
}

/// <summary>A member of a Raft group.</summary>
/// <param name="Id">The node.</param>
/// <param name="Incarnation">The life of the node's data that was admitted; unknown until it has first been heard.</param>
/// <param name="Kind">Voter or learner.</param>
public sealed record Member(NodeId Id, Incarnation Incarnation, MemberKind Kind);

/// <summary>The members of a group, as written in its log. A server uses the latest configuration in its log, committed or not (§6).</summary>
public sealed record Configuration
{
    /// <summary>No members: a node that waits to be added to a cluster.</summary>
    public static readonly Configuration Empty = new([]);

    /// <summary>A configuration of these members, kept in the order of their names.</summary>
    public Configuration(IEnumerable<Member> members) => Members = [.. members.OrderBy(member => member.Id)];

    /// <summary>The members, ordered by name.</summary>
    public ImmutableArray<Member> Members { get; }

    /// <summary>A first configuration of voters whose incarnations are not known yet.</summary>
    public static Configuration OfVoters(IEnumerable<NodeId> voters) =>
        new(voters.Select(id => new Member(id, Incarnation.Unknown, MemberKind.Voter)));

    /// <summary>The members that vote.</summary>
    public IEnumerable<Member> Voters => Members.Where(member => member.Kind == MemberKind.Voter);

    /// <summary>The member with this name, or null.</summary>
    public Member? Find(NodeId id) => Members.FirstOrDefault(member => member.Id == id);

    /// <summary>Whether <paramref name="id"/> votes here.</summary>
    public bool HasVoter(NodeId id) => Find(id) is { Kind: MemberKind.Voter };

    /// <summary>This configuration with <paramref name="member"/> added, or put in the place of the member of that name.</summary>
    public Configuration With(Member member) => new(Members.Where(other => other.Id != member.Id).Append(member));

    /// <summary>This configuration without <paramref name="id"/>.</summary>
    public Configuration Without(NodeId id) => new(Members.Where(member => member.Id != id));

    /// <inheritdoc />
    public bool Equals(Configuration? other) => other is not null && Members.SequenceEqual(other.Members);

    /// <inheritdoc />
    public override int GetHashCode() => Members.Aggregate(0, HashCode.Combine);

    /// <inheritdoc />
    public override string ToString() =>
        string.Join(", ", Members.Select(member => member.Kind == MemberKind.Learner ? $"{member.Id} (learner)" : member.Id.Value));
}
