using System.Collections.Immutable;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// Puts the decisions of one consumer together: the first goes at once, those that come while it is on its way go together in the next
/// command. One command at a time keeps them in order.
/// </summary>
internal sealed class Settler(QueueName queue, ConsumerId consumer)
{
    // Even with the longest reasons a command stays well below its bound.
    private const int MaxPerCommand = 512;

    private readonly Queue<PendingSettlement> _waiting = [];
    private ImmutableArray<PendingSettlement> _onTheirWay = [];

    public bool IsIdle => _waiting.Count == 0 && _onTheirWay.IsEmpty;

    public void Add(PendingSettlement settlement) => _waiting.Enqueue(settlement);

    /// <summary>The next command, if there is something to settle and nothing on its way.</summary>
    public Settle? Next(long startedThrough)
    {
        if (!_onTheirWay.IsEmpty)
            return null;
        var batch = ImmutableArray.CreateBuilder<PendingSettlement>();
        while (batch.Count < MaxPerCommand && _waiting.TryDequeue(out var next))
        {
            if (!next.IsOver)
                batch.Add(next);
        }

        _onTheirWay = batch.ToImmutable();
        return _onTheirWay.IsEmpty ? null : new Settle(queue, consumer, startedThrough, [.. _onTheirWay.Select(pending => pending.Settlement)]);
    }

    /// <summary>The command on its way was answered.</summary>
    /// <returns>The leases that have ended by it.</returns>
    public IEnumerable<long> Complete(CallResult result)
    {
        var settled = _onTheirWay;
        _onTheirWay = [];
        if (result.Reply is not Settled reply)
        {
            var problem = ToException(result);
            foreach (var pending in settled)
                pending.Fail(problem);
            return [];
        }

        var refused = reply.Refused.ToDictionary(refusal => refusal.Token, refusal => refusal.Refusal);
        foreach (var pending in settled)
        {
            if (refused.TryGetValue(pending.Settlement.Token, out var refusal))
                pending.Fail(ToException(refusal, result.OutcomeUnknown));
            else
                pending.Confirm();
        }

        return settled.Select(pending => pending.Settlement.Token);
    }

    /// <summary>The command on its way was not answered, or nothing will be any more.</summary>
    public void Fail(Exception problem)
    {
        foreach (var pending in _onTheirWay)
            pending.Fail(problem);
        _onTheirWay = [];
    }

    public void FailAll(Exception problem)
    {
        Fail(problem);
        while (_waiting.TryDequeue(out var pending))
            pending.Fail(problem);
    }

    private static RaftQueueException ToException(CallResult result) => result.Reply is Refused refused
        ? ToException(refused, result.OutcomeUnknown)
        : Refusals.Unexpected<Settled>(result.Reply);

    // A consumer that the broker has given up holds nothing: to the application that is a lease that has ended.
    private static RaftQueueException ToException(Refused refused, bool outcomeUnknown) =>
        Refusals.ToException(refused.Code == RefusalCode.UnknownConsumer ? refused with { Code = RefusalCode.StaleLease } : refused, outcomeUnknown);
}
