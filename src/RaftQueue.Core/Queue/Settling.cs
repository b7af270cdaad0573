using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Consumers decide over what they hold. The fencing token says under which lease: a consumer that slept past its lease cannot settle what is somebody
/// else's by now.
/// </summary>
internal static class Settling
{
    public static IReply Settle(MachineState machine, Settle command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        if (OptionRules.Within(nameof(command.StartedThrough), command.StartedThrough, 0, long.MaxValue) is { } refusal)
            return refusal;
        if (queue.Consumers.TryFind(command.Consumer, out var consumer))
            Consuming.Hear(machine, consumer, command.StartedThrough);

        var refused = ImmutableArray.CreateBuilder<SettlementRefused>(0);
        foreach (var settlement in command.Settlements)
        {
            if (Judge(machine, queue, command.Consumer, settlement) is { } reason)
                refused.Add(new SettlementRefused(settlement.Sequence, settlement.Token, reason));
        }

        machine.Touch(queue);
        return new Settled(queue.Name, refused.DrainToImmutable());
    }

    public static IReply Extend(MachineState machine, Extend command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        if (OptionRules.Within(nameof(command.Lease), command.Lease, Bounds.MinLease, Bounds.MaxLease) is { } refusal)
            return refusal;
        if (!queue.Consumers.TryFind(command.Consumer, out var consumer) && command.Tokens.IsEmpty)
            return Refusals.UnknownConsumer(queue.Name, command.Consumer);

        var held = new Dictionary<long, LeaseEntry>();
        for (var lease = consumer?.FirstHeld; lease is not null; lease = lease.Next)
            held.Add(lease.Token, lease);

        var until = machine.Now + LogTime.MillisecondsOf(command.Lease);
        var refused = ImmutableArray.CreateBuilder<SettlementRefused>(0);
        foreach (var token in command.Tokens.IsEmpty ? [.. held.Keys] : command.Tokens)
        {
            if (!held.TryGetValue(token, out var lease) || lease.Until <= machine.Now)
            {
                refused.Add(new SettlementRefused(0, token, Refusals.StaleLease(token)));
                continue;
            }

            queue.Leases.Extend(lease, until);
            machine.Effects.Watch?.Say(queue.Name, lease, MessageEventKind.Extended);
        }

        machine.Touch(queue);
        return new Extended(queue.Name, new LogTime(until), refused.DrainToImmutable());
    }

    private static Refused? Judge(MachineState machine, QueueState queue, ConsumerId consumer, Settlement settlement)
    {
        if (settlement.Kind > SettlementKind.Return)
            return Refusals.UnknownSettlement(settlement.Kind);
        if ((settlement.Reason?.Length ?? 0) > Bounds.MaxReasonLength)
            return Refusals.OutOfBounds("Reason.Length", settlement.Reason!.Length, 0, Bounds.MaxReasonLength);
        if (!queue.Leases.TryFind(settlement.Sequence, out var lease) || lease.Token != settlement.Token || lease.Consumer.Id != consumer || lease.Until <= machine.Now)
            return Refusals.StaleLease(settlement.Token);
        if (settlement.Kind == SettlementKind.Reject && !DeadLettering.IsPossible(machine, queue))
            return Refusals.TooManyInTransit(queue.Options.DeadLetterQueue!.Value);
        if (settlement.Kind == SettlementKind.Reject && DeadLettering.IsAtRest(queue, lease.Message.Note))
            return Refusals.DeadLetterAtRest(queue, lease.Message.Note!);

        switch (settlement.Kind)
        {
            case SettlementKind.Ack:
                Acknowledge(machine, queue, lease);
                break;
            case SettlementKind.Release:
                Returning.Return(machine, queue, lease, isStarted: true, MessageEventKind.Released);
                break;
            case SettlementKind.Return:
                Returning.Return(machine, queue, lease, isStarted: false, MessageEventKind.Released);
                break;
            default:
                Reject(machine, queue, lease, settlement.Reason ?? "");
                break;
        }

        return null;
    }

    private static void Acknowledge(MachineState machine, QueueState queue, LeaseEntry lease)
    {
        machine.Effects.Watch?.Say(queue.Name, lease, MessageEventKind.Acknowledged);
        var message = lease.Message;
        queue.EndLease(lease);
        machine.Segments.Release(message.Ref.Body);
        queue.Backlog.Remove(message);
        queue.Counters.Acknowledged++;
    }

    private static void Reject(MachineState machine, QueueState queue, LeaseEntry lease, string reason)
    {
        machine.Effects.Watch?.Say(queue.Name, lease, MessageEventKind.Rejected, reason);
        var message = lease.Message;
        queue.EndLease(lease);
        Backlog.CountDelivery(message);
        DeadLettering.Move(machine, queue, message, DeadLetterCause.Rejected, reason);
    }
}
