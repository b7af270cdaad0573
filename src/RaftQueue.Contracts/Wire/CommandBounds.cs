using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// The bounds of commands that do not depend on the state: a client can check them before it sends, a node checks them before it logs.
/// </summary>
public static class CommandBounds
{
    /// <summary>Whether a command keeps its bounds.</summary>
    /// <exception cref="MalformedException">It does not: the message names the field, the value and the bound.</exception>
    public static void Check(ICommand command)
    {
        if (command is IQueueCommand { Queue: var queue })
            Expect.Queue(queue);
        switch (command)
        {
            case DeclareQueue declare:
                Check(declare);
                break;
            case Enqueue enqueue:
                Check(enqueue);
                break;
            case Receive receive:
                Expect.Within(receive.MaxMessages, 1, Bounds.MaxReceive, "max messages");
                CheckDurationOrNone(receive.Wait, Bounds.MaxReceiveWait, "wait");
                CheckLeaseOrNone(receive.Lease);
                break;
            case Subscribe subscribe:
                Expect.Within(subscribe.Prefetch, 1, Bounds.MaxPrefetch, "prefetch");
                CheckLeaseOrNone(subscribe.Lease);
                Expect.NotNegative(subscribe.StartedThrough, "started through");
                break;
            case Unsubscribe unsubscribe:
                Expect.NotNegative(unsubscribe.StartedThrough, "started through");
                break;
            case Settle settle:
                Check(settle);
                break;
            case Extend extend:
                Check(extend);
                break;
            case Redrive redrive:
                Check(redrive);
                break;
            case Transfer transfer:
                Check(transfer);
                break;
            case ConfirmTransfer confirm:
                Expect.Queue(confirm.Target, "target");
                break;
        }
    }

    private static void Check(DeclareQueue declare)
    {
        var options = declare.Options;
        Expect.NotNegative(options.MaxMessages, "max messages");
        Expect.NotNegative(options.MaxBytes, "max bytes");
        Expect.NotNegative(options.DeliveryLimit, "delivery limit");
        if (options.TimeToLive is { } kept)
            Expect.Within(kept, Bounds.MinDuration, Bounds.MaxTimeToLive, "time to live");
        CheckDurationOrNone(options.Delay, Bounds.MaxDelay, "delay");
        CheckLease(options.Lease);
        if (options.DeadLetterQueue is { } deadLetters)
            Expect.Queue(deadLetters, "dead-letter queue");
    }

    private static void Check(Enqueue enqueue)
    {
        var (bytes, count) = enqueue.Messages;
        Expect.Within(count, 1, Bounds.MaxMessagesPerCommand, "number of messages");
        Expect.Within(enqueue.FirstSequence, 1, long.MaxValue - count, "first sequence");
        if (count == 1 && bytes.Length > Bounds.MaxMessageBytes)
            throw TooLarge("message", bytes.Length, Bounds.MaxMessageBytes);
        if (!enqueue.Messages.IsWellFormed(out var problem))
            throw Expect.Malformed(problem);
    }

    private static void Check(Settle settle)
    {
        Expect.NotNegative(settle.StartedThrough, "started through");
        Expect.Within(settle.Settlements.Length, 1, Bounds.MaxSettlementsPerCommand, "number of settlements");
        foreach (var settlement in settle.Settlements)
        {
            Expect.NotNegative(settlement.Sequence, "sequence");
            Expect.NotNegative(settlement.Token, "token");
            Expect.Within(settlement.Reason?.Length ?? 0, 0, Bounds.MaxReasonLength, "length of the reason");
        }
    }

    private static void Check(Extend extend)
    {
        Expect.Within(extend.Tokens.Length, 0, Bounds.MaxSettlementsPerCommand, "number of tokens");
        foreach (var token in extend.Tokens)
            Expect.NotNegative(token, "token");
        CheckLease(extend.Lease);
    }

    private static void Check(Redrive redrive)
    {
        Expect.Within(redrive.MaxMessages, 1, Bounds.MaxMessagesPerCommand, "max messages");
        if (redrive.Target is { } target)
            Expect.Queue(target, "target");
        if (redrive.Source is { } source)
            Expect.Queue(source, "source");
        Expect.NotNegative(redrive.FromSequence, "from sequence");
        Expect.NotNegative(redrive.ThroughSequence ?? 0, "through sequence");
    }

    private static void Check(Transfer transfer)
    {
        Expect.Within(transfer.Messages.Count, 1, Bounds.MaxMessagesPerCommand, "number of messages");
        Expect.Within(transfer.Origins.Length, transfer.Messages.Count, transfer.Messages.Count, "number of origins");
        if (!transfer.Messages.IsWellFormed(out var problem))
            throw Expect.Malformed(problem);
        var last = 0L;
        foreach (var origin in transfer.Origins)
        {
            last = Expect.Within(origin.Sequence, last + 1, long.MaxValue - 1, "number in the outbox");
            Expect.Within(origin.Reason.Length, 0, Bounds.MaxReasonLength, "length of the reason");
            Expect.Within(origin.Via.Length, 0, Bounds.MaxDeadLetterMoves, "number of queues on its way");
        }
    }

    private static void CheckDurationOrNone(TimeSpan duration, TimeSpan most, string field)
    {
        if (duration != TimeSpan.Zero)
            Expect.Within(duration, Bounds.MinDuration, most, field);
    }

    private static void CheckLease(TimeSpan lease) => Expect.Within(lease, Bounds.MinLease, Bounds.MaxLease, "lease");

    private static void CheckLeaseOrNone(TimeSpan lease)
    {
        if (lease != TimeSpan.Zero)
            CheckLease(lease);
    }

    internal static MalformedException TooLarge(string what, int bytes, int bound) =>
        new(RefusalCode.TooLarge, $"the {what} has {bytes} bytes, but at most {bound} are allowed");
}

/// <summary>The bounds of requests, for a client to check before it sends one.</summary>
internal static class RequestBounds
{
    /// <summary>Why a request would not be taken; null where it would be.</summary>
    public static Refused? RefusalOf(IClientMessage request)
    {
        try
        {
            if (request is CommandRequest { Command.Length: > Bounds.MaxCommandBytes and var bytes })
                throw CommandBounds.TooLarge("command", bytes, Bounds.MaxCommandBytes);
            if (request is QueryRequest { Query: var query })
                QueryBounds.Check(query);
            return null;
        }
        catch (MalformedException malformed)
        {
            return new Refused(malformed.Code, $"Nothing was sent: {malformed.Message}.");
        }
    }
}

/// <summary>The bounds of questions that do not depend on the state.</summary>
public static class QueryBounds
{
    /// <summary>Whether a question keeps its bounds.</summary>
    /// <exception cref="MalformedException">It does not: the message names the field, the value and the bound.</exception>
    public static void Check(IQuery query)
    {
        switch (query)
        {
            case GetQueueStats stats:
                Expect.Queue(stats.Queue);
                break;
            case ListQueues list:
                if (list.Prefix.Length > 0)
                    Expect.Queue(list.Prefix, "prefix");
                if (list.After is { } after)
                    Expect.Queue(after, "after");
                break;
            case Peek peek:
                Expect.Queue(peek.Queue);
                Expect.NotNegative(peek.FromSequence, "from sequence");
                Expect.Within(peek.MaxMessages, 1, Bounds.MaxReceive, "max messages");
                break;
            case ExplainMessage explain:
                Expect.Queue(explain.Queue);
                Expect.Within(explain.Sequence, 1, long.MaxValue, "sequence");
                break;
        }
    }
}
