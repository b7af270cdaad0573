using System.Collections.Immutable;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>The answers of the queue machine; those of the gateway and the admin are in <see cref="AdminMapper"/>.</summary>
internal static class ReplyMapper
{
    public static Proto.Reply ToProto(IReply reply) => reply switch
    {
        Enqueued enqueued => new() { Enqueued = ToProto(enqueued) },
        Settled settled => new() { Settled = ToProto(settled) },
        Received received => new() { Received = ToProto(received) },
        Refused refused => new() { Refused = ToProto(refused) },
        Declared declared => new() { Declared = new() { Queue = declared.Queue.Value, IsNew = declared.IsNew } },
        Deleted deleted => new() { Deleted = new() { Queue = deleted.Queue.Value, Messages = deleted.Messages } },
        Purged purged => new() { Purged = new() { Queue = purged.Queue.Value, Messages = purged.Messages } },
        Subscribed subscribed => new() { Subscribed = ToProto(subscribed) },
        Unsubscribed unsubscribed => new() { Unsubscribed = ToProto(unsubscribed) },
        Extended extended => new() { Extended = ToProto(extended) },
        Redriven redriven => new() { Redriven = RedriveMapper.ToProto(redriven) },
        Ticked => new() { Ticked = new() },
        QueueStats stats => new() { QueueStats = ToProto(stats) },
        QueueList list => new() { QueueList = ToProto(list) },
        Peeked peeked => new() { Peeked = PeekMapper.ToProto(peeked) },
        Transferred transferred => new() { Transferred = TransferMapper.ToProto(transferred) },
        TransferConfirmed confirmed => new() { TransferConfirmed = TransferMapper.ToProto(confirmed) },
        Explained explained => new() { Explained = ExplainedMapper.ToProto(explained) },
        NotLeader notLeader => new() { NotLeader = AdminMapper.ToProto(notLeader) },
        MembershipChanged changed => new() { MembershipChanged = new() { Configuration = ConfigurationMapper.ToProto(changed.Configuration) } },
        LeadershipTransferred transferred => new() { LeadershipTransferred = new() { Leader = transferred.Leader.Value } },
        ReplicaStatus status => new() { ReplicaStatus = AdminMapper.ToProto(status) },
        _ => throw new ArgumentException($"{reply.GetType().Name} has no wire form; give it one in client.proto and here.", nameof(reply)),
    };

    public static IReply FromProto(Proto.Reply? proto)
    {
        var reply = Expect.Present(proto, "reply");
        return reply.ReplyCase switch
        {
            Proto.Reply.ReplyOneofCase.Enqueued => FromProto(reply.Enqueued),
            Proto.Reply.ReplyOneofCase.Settled => new Settled(Expect.Queue(reply.Settled.Queue), FromProto(reply.Settled.Refused)),
            Proto.Reply.ReplyOneofCase.Received => FromProto(reply.Received),
            Proto.Reply.ReplyOneofCase.Refused => FromProto(reply.Refused),
            Proto.Reply.ReplyOneofCase.Declared => new Declared(Expect.Queue(reply.Declared.Queue), reply.Declared.IsNew),
            Proto.Reply.ReplyOneofCase.Deleted => new Deleted(Expect.Queue(reply.Deleted.Queue), Messages(reply.Deleted.Messages)),
            Proto.Reply.ReplyOneofCase.Purged => new Purged(Expect.Queue(reply.Purged.Queue), Messages(reply.Purged.Messages)),
            Proto.Reply.ReplyOneofCase.Subscribed => FromProto(reply.Subscribed),
            Proto.Reply.ReplyOneofCase.Unsubscribed => FromProto(reply.Unsubscribed),
            Proto.Reply.ReplyOneofCase.Extended => FromProto(reply.Extended),
            Proto.Reply.ReplyOneofCase.Redriven => RedriveMapper.FromProto(reply.Redriven),
            Proto.Reply.ReplyOneofCase.Ticked => Ticked.Instance,
            Proto.Reply.ReplyOneofCase.QueueStats => FromProto(reply.QueueStats),
            Proto.Reply.ReplyOneofCase.QueueList => new QueueList([.. reply.QueueList.Queues.Select(FromProto)]) { HasMore = reply.QueueList.HasMore },
            Proto.Reply.ReplyOneofCase.Peeked => PeekMapper.FromProto(reply.Peeked),
            Proto.Reply.ReplyOneofCase.Transferred => TransferMapper.FromProto(reply.Transferred),
            Proto.Reply.ReplyOneofCase.TransferConfirmed => TransferMapper.FromProto(reply.TransferConfirmed),
            Proto.Reply.ReplyOneofCase.Explained => ExplainedMapper.FromProto(reply.Explained),
            Proto.Reply.ReplyOneofCase.NotLeader => AdminMapper.FromProto(reply.NotLeader),
            Proto.Reply.ReplyOneofCase.MembershipChanged =>
                new MembershipChanged(ConfigurationMapper.FromProto(reply.MembershipChanged.Configuration, "configuration")),
            Proto.Reply.ReplyOneofCase.LeadershipTransferred => new LeadershipTransferred(Expect.Node(reply.LeadershipTransferred.Leader, "leader")),
            Proto.Reply.ReplyOneofCase.ReplicaStatus => AdminMapper.FromProto(reply.ReplicaStatus),
            _ => throw Expect.Malformed("the bytes name no reply that this version knows; were they sent by a newer version?"),
        };
    }

    public static Proto.Refused ToProto(Refused refused) => new()
    {
        Code = (uint)refused.Code,
        Message = refused.Message,
        OutcomeUnknown = refused.OutcomeUnknown,
    };

    public static Refused FromProto(Proto.Refused? proto)
    {
        var refused = Expect.Present(proto, "refusal");
        return new Refused(Code(refused.Code), refused.Message) { OutcomeUnknown = refused.OutcomeUnknown };
    }

    /// <summary>A newer node may refuse for reasons that have no name here yet: the text still says it.</summary>
    private static RefusalCode Code(uint code) => Enum.IsDefined((RefusalCode)(int)code) ? (RefusalCode)(int)code : RefusalCode.Unknown;

    private static long Messages(long count) => Expect.NotNegative(count, "number of messages");

    private static Proto.Enqueued ToProto(Enqueued enqueued)
    {
        var proto = new Proto.Enqueued
        {
            Queue = enqueued.Queue.Value,
            FirstSequence = enqueued.FirstSequence,
            FirstMessage = enqueued.FirstMessage,
            Count = enqueued.Count,
            Refusal = enqueued.Refusal is null ? null : ToProto(enqueued.Refusal),
        };
        foreach (var refused in enqueued.RefusedMessages)
            proto.RefusedMessages.Add(new Proto.MessageRefused { Position = refused.Position, Refusal = ToProto(refused.Refusal) });
        return proto;
    }

    private static Enqueued FromProto(Proto.Enqueued enqueued) => new(
        Expect.Queue(enqueued.Queue),
        Expect.NotNegative(enqueued.FirstSequence, "first sequence"),
        Expect.NotNegative(enqueued.FirstMessage, "first message"),
        Expect.NotNegative(enqueued.Count, "number of messages"),
        enqueued.Refusal is null ? null : FromProto(enqueued.Refusal))
    {
        RefusedMessages =
        [
            .. enqueued.RefusedMessages.Select(one =>
                new MessageRefused(Expect.NotNegative(one.Position, "position"), FromProto(one.Refusal))),
        ],
    };

    private static Proto.Subscribed ToProto(Subscribed subscribed) =>
        new() { Queue = subscribed.Queue.Value, Consumer = ProtoBytes.Of(subscribed.Consumer.Value) };

    private static Subscribed FromProto(Proto.Subscribed subscribed) => new(Expect.Queue(subscribed.Queue), Expect.Consumer(subscribed.Consumer));

    private static Proto.Unsubscribed ToProto(Unsubscribed unsubscribed) => new()
    {
        Queue = unsubscribed.Queue.Value,
        Consumer = ProtoBytes.Of(unsubscribed.Consumer.Value),
        Returned = unsubscribed.Returned,
    };

    private static Unsubscribed FromProto(Proto.Unsubscribed unsubscribed) => new(
        Expect.Queue(unsubscribed.Queue), Expect.Consumer(unsubscribed.Consumer), Expect.NotNegative(unsubscribed.Returned, "messages returned"));

    private static Proto.Received ToProto(Received received)
    {
        var proto = new Proto.Received
        {
            Queue = received.Queue.Value,
            Consumer = ProtoBytes.Of(received.Consumer.Value),
            Deliveries = BlockMapper.ToProto(received.Deliveries),
        };
        proto.DeadLetters.AddRange(PeekMapper.ToProto(received.DeadLetters));
        return proto;
    }

    private static Received FromProto(Proto.Received received) =>
        new(Expect.Queue(received.Queue), Expect.Consumer(received.Consumer), BlockMapper.FromProto(received.Deliveries))
        {
            DeadLetters = PeekMapper.FromProto(received.DeadLetters),
        };

    private static Proto.Settled ToProto(Settled settled)
    {
        var proto = new Proto.Settled { Queue = settled.Queue.Value };
        foreach (var refused in settled.Refused)
            proto.Refused.Add(ToProto(refused));
        return proto;
    }

    private static Proto.Extended ToProto(Extended extended)
    {
        var proto = new Proto.Extended { Queue = extended.Queue.Value, Until = extended.Until.Milliseconds };
        foreach (var refused in extended.Refused)
            proto.Refused.Add(ToProto(refused));
        return proto;
    }

    private static Extended FromProto(Proto.Extended extended) =>
        new(Expect.Queue(extended.Queue), Expect.Time(extended.Until, "until"), FromProto(extended.Refused));

    private static Proto.SettlementRefused ToProto(SettlementRefused refused) =>
        new() { Sequence = refused.Sequence, Token = refused.Token, Refusal = ToProto(refused.Refusal) };

    private static ImmutableArray<SettlementRefused> FromProto(IReadOnlyCollection<Proto.SettlementRefused> refused) =>
        [.. refused.Select(one => new SettlementRefused(one.Sequence, one.Token, FromProto(one.Refusal)))];

    private static Proto.QueueStats ToProto(QueueStats stats) => new()
    {
        Queue = stats.Queue.Value,
        Options = QueueOptionsMapper.ToProto(stats.Options),
        Ready = stats.Ready,
        Leased = stats.Leased,
        Delayed = stats.Delayed,
        Bytes = stats.Bytes,
        Consumers = stats.Consumers,
        FirstSequence = stats.FirstSequence,
        NextSequence = stats.NextSequence,
        Enqueued = stats.Enqueued,
        Acknowledged = stats.Acknowledged,
        DeadLettered = stats.DeadLettered,
        Redelivered = stats.Redelivered,
        InTransit = stats.InTransit,
    };

    private static QueueStats FromProto(Proto.QueueStats stats) => new(
        Expect.Queue(stats.Queue),
        QueueOptionsMapper.FromProto(stats.Options),
        Expect.NotNegative(stats.Ready, "ready"),
        Expect.NotNegative(stats.Leased, "leased"),
        Expect.NotNegative(stats.Delayed, "delayed"),
        Expect.NotNegative(stats.Bytes, "bytes"),
        Expect.NotNegative(stats.Consumers, "consumers"),
        Expect.NotNegative(stats.FirstSequence, "first sequence"),
        Expect.NotNegative(stats.NextSequence, "next sequence"),
        Expect.NotNegative(stats.Enqueued, "enqueued"),
        Expect.NotNegative(stats.Acknowledged, "acknowledged"),
        Expect.NotNegative(stats.DeadLettered, "dead-lettered"),
        Expect.NotNegative(stats.Redelivered, "redelivered"))
    {
        InTransit = Expect.NotNegative(stats.InTransit, "in transit"),
    };

    private static Proto.QueueList ToProto(QueueList list)
    {
        var proto = new Proto.QueueList { HasMore = list.HasMore };
        foreach (var stats in list.Queues)
            proto.Queues.Add(ToProto(stats));
        return proto;
    }
}
