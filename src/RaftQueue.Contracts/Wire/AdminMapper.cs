using RaftQueue.Contracts.Client;

namespace RaftQueue.Contracts.Wire;

/// <summary>What operators ask, and what the gateway and the replicas themselves answer.</summary>
internal static class AdminMapper
{
    public static Proto.AdminCommand ToProto(IAdminCommand command) => command switch
    {
        AddMember add => new() { AddMember = new() { Node = add.Node.Value } },
        PromoteMember promote => new() { PromoteMember = new() { Node = promote.Node.Value } },
        RemoveMember remove => new() { RemoveMember = new() { Node = remove.Node.Value } },
        TransferLeadership transfer => new() { TransferLeadership = new() { Target = ProtoBytes.Of(transfer.Target) } },
        GetStatus => new() { GetStatus = new() },
        _ => throw new ArgumentException($"{command.GetType().Name} has no wire form; give it one in client.proto and here.", nameof(command)),
    };

    public static IAdminCommand FromProto(Proto.AdminCommand? proto)
    {
        var command = Expect.Present(proto, "admin command");
        return command.CommandCase switch
        {
            Proto.AdminCommand.CommandOneofCase.AddMember => new AddMember(Expect.Node(command.AddMember.Node, "node")),
            Proto.AdminCommand.CommandOneofCase.PromoteMember => new PromoteMember(Expect.Node(command.PromoteMember.Node, "node")),
            Proto.AdminCommand.CommandOneofCase.RemoveMember => new RemoveMember(Expect.Node(command.RemoveMember.Node, "node")),
            Proto.AdminCommand.CommandOneofCase.TransferLeadership =>
                new TransferLeadership(Expect.NodeOrNone(command.TransferLeadership.Target, "target")),
            Proto.AdminCommand.CommandOneofCase.GetStatus => GetStatus.Instance,
            _ => throw Expect.Malformed("the bytes name no admin command that this version knows; were they sent by a newer version?"),
        };
    }

    public static Proto.NodeAddress ToProto(NodeAddress node) => new() { Node = node.Node.Value, Address = node.Address };

    public static NodeAddress FromProto(Proto.NodeAddress node) => new(Expect.Node(node.Node, "node"), Expect.Address(node.Address));

    public static Proto.NotLeader ToProto(NotLeader notLeader) => new()
    {
        Group = notLeader.Group.Value,
        Leader = notLeader.Leader is null ? null : ToProto(notLeader.Leader),
        OutcomeUnknown = notLeader.OutcomeUnknown,
    };

    public static NotLeader FromProto(Proto.NotLeader notLeader) => new(
        Expect.Group(notLeader.Group), notLeader.Leader is null ? null : FromProto(notLeader.Leader), notLeader.OutcomeUnknown);

    private const long MaxApplyMicroseconds = 365L * 24 * 60 * 60 * 1_000_000;

    public static Proto.ReplicaStatus ToProto(ReplicaStatus status)
    {
        var proto = new Proto.ReplicaStatus
        {
            Node = status.Node.Value,
            Incarnation = ProtoBytes.Of(status.Incarnation),
            Group = status.Group.Value,
            Role = status.Role,
            Term = status.Term.Value,
            Leader = ProtoBytes.Of(status.Leader),
            FirstIndex = status.FirstIndex.Value,
            LastIndex = status.LastIndex.Value,
            CommitIndex = status.CommitIndex.Value,
            AppliedIndex = status.AppliedIndex.Value,
            SnapshotIndex = status.SnapshotIndex.Value,
            Digest = status.Digest,
            Members = ConfigurationMapper.ToProto(status.Members),
            IsHealthy = status.IsHealthy,
            Health = status.Health,
            LongestApply = (long)status.LongestApply.TotalMicroseconds,
        };
        if (status.LogTimeOffset is { } offset)
            proto.LogTimeOffset = (long)offset.TotalMilliseconds;
        foreach (var member in status.Progress)
            proto.Progress.Add(new Proto.MemberProgress { Node = member.Node.Value, MatchIndex = member.MatchIndex.Value, Phase = member.Phase });
        return proto;
    }

    public static ReplicaStatus FromProto(Proto.ReplicaStatus status) => new(
        Expect.Node(status.Node, "node"),
        Expect.Incarnation(status.Incarnation, "incarnation"),
        Expect.Group(status.Group),
        status.Role,
        Expect.Term(status.Term, "term"),
        Expect.NodeOrNone(status.Leader, "leader"),
        Expect.Index(status.FirstIndex, "first index"),
        Expect.Index(status.LastIndex, "last index"),
        Expect.Index(status.CommitIndex, "commit index"),
        Expect.Index(status.AppliedIndex, "applied index"),
        Expect.Index(status.SnapshotIndex, "snapshot index"),
        status.Digest,
        ConfigurationMapper.FromProto(status.Members, "members"),
        [.. status.Progress.Select(FromProto)],
        status.IsHealthy,
        status.Health)
    {
        LogTimeOffset = status.HasLogTimeOffset ? Expect.Span(status.LogTimeOffset, "log time offset") : null,
        LongestApply = TimeSpan.FromMicroseconds(Expect.Within(status.LongestApply, 0, MaxApplyMicroseconds, "longest apply")),
    };

    private static MemberProgress FromProto(Proto.MemberProgress member) =>
        new(Expect.Node(member.Node, "member"), Expect.Index(member.MatchIndex, "match index"), member.Phase);
}
