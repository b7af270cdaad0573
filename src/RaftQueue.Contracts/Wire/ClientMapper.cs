using Google.Protobuf;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Contracts.Wire;

/// <summary>What clients and gateways say to each other.</summary>
internal static class ClientMapper
{
    public static IMessage ToProto(IClientMessage message) => message switch
    {
        CommandRequest request => ToProto(request),
        ClientReply reply => new Proto.ClientReply { CorrelationId = reply.CorrelationId, Reply = ReplyMapper.ToProto(reply.Reply) },
        Deliver deliver => ToProto(deliver),
        KeepAlive keepAlive => ToProto(keepAlive),
        Hello hello => new Proto.Hello { CorrelationId = hello.CorrelationId, WantsNews = hello.WantsNews },
        Welcome welcome => ToProto(welcome),
        QueryRequest request => ToProto(request),
        AdminRequest request => ToProto(request),
        SubscriptionEnded ended => ToProto(ended),
        _ => throw new ArgumentException($"{message.GetType().Name} has no wire form; give it one in client.proto and here.", nameof(message)),
    };

    public static Hello FromProto(Proto.Hello hello) => new(hello.CorrelationId, hello.WantsNews);

    public static Welcome FromProto(Proto.Welcome welcome) => new(
        welcome.CorrelationId,
        [.. welcome.Groups.Select(group => new GroupLeader(
            Expect.Group(group.Group),
            Expect.NodeOrNone(group.Leader, "leader"),
            Expect.Term(group.Term, "the leader's term"),
            group.Awaited))],
        [.. welcome.Nodes.Select(AdminMapper.FromProto)]);

    /// <summary>The command stays as it is: the gateway reads it, and so can say to the client what is wrong with it.</summary>
    public static CommandRequest FromProto(Proto.CommandRequest request) =>
        new(request.CorrelationId, Expect.Group(request.Group), request.Command.Memory);

    public static QueryRequest FromProto(Proto.QueryRequest request) =>
        new(request.CorrelationId, Expect.Group(request.Group), QueryMapper.FromProto(request.Query));

    public static AdminRequest FromProto(Proto.AdminRequest request) =>
        new(request.CorrelationId, Expect.Group(request.Group), AdminMapper.FromProto(request.Command));

    public static ClientReply FromProto(Proto.ClientReply reply) => new(reply.CorrelationId, ReplyMapper.FromProto(reply.Reply));

    public static Deliver FromProto(Proto.Deliver deliver) =>
        new(
            Expect.Queue(deliver.Queue),
            Expect.Consumer(deliver.Consumer),
            BlockMapper.FromProto(deliver.Deliveries),
            Expect.NotNegative(deliver.After, "after"))
        {
            DeadLetters = PeekMapper.FromProto(deliver.DeadLetters),
        };

    public static SubscriptionEnded FromProto(Proto.SubscriptionEnded ended) =>
        new(Expect.Queue(ended.Queue), Expect.Consumer(ended.Consumer), ReplyMapper.FromProto(ended.Reason));

    public static KeepAlive FromProto(Proto.KeepAlive keepAlive)
    {
        Expect.Within(keepAlive.Subscriptions.Count, 0, Bounds.MaxSubscriptionsPerKeepAlive, "number of subscriptions");
        return new KeepAlive(Expect.Group(keepAlive.Group), [.. keepAlive.Subscriptions.Select(FromProto)]);
    }

    private static Proto.CommandRequest ToProto(CommandRequest request) => new()
    {
        CorrelationId = request.CorrelationId,
        Group = request.Group.Value,
        Command = ProtoBytes.Wrap(request.Command),
    };

    private static Proto.QueryRequest ToProto(QueryRequest request) => new()
    {
        CorrelationId = request.CorrelationId,
        Group = request.Group.Value,
        Query = QueryMapper.ToProto(request.Query),
    };

    private static Proto.AdminRequest ToProto(AdminRequest request) => new()
    {
        CorrelationId = request.CorrelationId,
        Group = request.Group.Value,
        Command = AdminMapper.ToProto(request.Command),
    };

    private static Proto.Deliver ToProto(Deliver deliver)
    {
        var proto = new Proto.Deliver
        {
            Queue = deliver.Queue.Value,
            Consumer = ProtoBytes.Of(deliver.Consumer.Value),
            Deliveries = BlockMapper.ToProto(deliver.Deliveries),
            After = deliver.After,
        };
        proto.DeadLetters.AddRange(PeekMapper.ToProto(deliver.DeadLetters));
        return proto;
    }

    private static Proto.SubscriptionEnded ToProto(SubscriptionEnded ended) => new()
    {
        Queue = ended.Queue.Value,
        Consumer = ProtoBytes.Of(ended.Consumer.Value),
        Reason = ReplyMapper.ToProto(ended.Reason),
    };

    private static Proto.Welcome ToProto(Welcome welcome)
    {
        var proto = new Proto.Welcome { CorrelationId = welcome.CorrelationId };
        foreach (var group in welcome.Groups)
            proto.Groups.Add(ToProto(group));
        foreach (var node in welcome.Nodes)
            proto.Nodes.Add(AdminMapper.ToProto(node));
        return proto;
    }

    private static Proto.GroupLeader ToProto(GroupLeader group) => new()
    {
        Group = group.Group.Value,
        Leader = ProtoBytes.Of(group.Leader),
        Term = group.Term.Value,
        Awaited = group.Awaited,
    };

    private static Proto.KeepAlive ToProto(KeepAlive keepAlive)
    {
        var proto = new Proto.KeepAlive { Group = keepAlive.Group.Value };
        foreach (var subscription in keepAlive.Subscriptions)
            proto.Subscriptions.Add(ToProto(subscription));
        return proto;
    }

    private static Proto.LiveSubscription ToProto(LiveSubscription subscription) => new()
    {
        Queue = subscription.Queue.Value,
        Consumer = ProtoBytes.Of(subscription.Consumer.Value),
        StartedThrough = subscription.StartedThrough,
    };

    private static LiveSubscription FromProto(Proto.LiveSubscription subscription) => new(
        Expect.Queue(subscription.Queue),
        Expect.Consumer(subscription.Consumer),
        Expect.NotNegative(subscription.StartedThrough, "started through"));
}
