using System.Collections.Immutable;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Contracts.Wire;

/// <summary>Configurations and what carries them.</summary>
internal static class ConfigurationMapper
{
    public static Proto.Configuration ToProto(Configuration configuration)
    {
        var proto = new Proto.Configuration();
        foreach (var member in configuration.Members)
            proto.Members.Add(ToProto(member));
        return proto;
    }

    public static Configuration FromProto(Proto.Configuration? proto, string field)
    {
        var members = ImmutableArray.CreateBuilder<Member>();
        var names = new HashSet<NodeId>();
        Expect.Within(Expect.Present(proto, field).Members.Count, 0, Bounds.MaxMembers, $"number of members in {field}");
        foreach (var member in proto!.Members)
        {
            members.Add(FromProto(member));
            if (!names.Add(members[^1].Id))
                throw Expect.Malformed($"{field} names the member {members[^1].Id} twice");
        }

        return new Configuration(members);
    }

    public static Proto.SnapshotMeta ToProto(SnapshotMeta meta) => new()
    {
        LastIncludedIndex = meta.LastIncludedIndex.Value,
        LastIncludedTerm = meta.LastIncludedTerm.Value,
        Stamp = meta.Stamp.Milliseconds,
        Configuration = ToProto(meta.Configuration),
        MachineVersion = meta.MachineVersion,
    };

    public static SnapshotMeta FromProto(Proto.SnapshotMeta? proto)
    {
        var meta = Expect.Present(proto, "snapshot meta");
        return new SnapshotMeta(
            Expect.Index(meta.LastIncludedIndex, "snapshot index"),
            Expect.Term(meta.LastIncludedTerm, "snapshot term"),
            Expect.Stamp(meta.Stamp, "snapshot stamp"),
            FromProto(meta.Configuration, "snapshot configuration"),
            Expect.NotNegative(meta.MachineVersion, "machine version"));
    }

    private static Proto.Member ToProto(Member member) => new()
    {
        Node = member.Id.Value,
        Incarnation = ProtoBytes.Of(member.Incarnation),
        Kind = member.Kind == MemberKind.Learner ? Proto.MemberKind.Learner : Proto.MemberKind.Voter,
    };

    private static Member FromProto(Proto.Member member) => new(
        Expect.Node(member.Node, "member"), Expect.Incarnation(member.Incarnation, "member's incarnation"), Kind(member.Kind));

    private static MemberKind Kind(Proto.MemberKind kind) => kind switch
    {
        Proto.MemberKind.Voter => MemberKind.Voter,
        Proto.MemberKind.Learner => MemberKind.Learner,
        _ => throw Expect.Malformed($"member kind {(int)kind} is unknown; was it sent by a newer version?"),
    };
}
