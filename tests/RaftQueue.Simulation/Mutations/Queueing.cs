using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Simulation.Mutations;

/// <summary>An acknowledged message never comes back.</summary>
public sealed class AckedComesBack : Mutation
{
    public override string Rule => "an acknowledged message never returns";

    public override string Break => "one acknowledgement in some is taken as a release";

    public override ICommand Command(LogIndex index, ICommand command) => command is Settle settle && index.Value % 5 == 0
        ? settle with { Settlements = [.. settle.Settlements.Select(settlement => settlement with { Kind = SettlementKind.Release })] }
        : command;
}

/// <summary>A retry is stored once.</summary>
public sealed class RetryIsStoredAgain : Mutation
{
    public override string Rule => "a retried send is stored once";

    public override string Break => "the machine takes every send for one of a new producer";

    public override ICommand Command(LogIndex index, ICommand command)
    {
        if (command is not Enqueue enqueue)
            return command;
        Span<byte> id = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(id, index.Value);
        return enqueue with { Producer = new ProducerId(new Guid(id)), FirstSequence = 1 };
    }
}

/// <summary>A confirmed message stays until it is acknowledged.</summary>
public sealed class ConfirmedIsDropped : Mutation
{
    public override string Rule => "a confirmed message is kept";

    public override string Break => "a released message goes away, by a delivery limit that nobody asked for";

    public override ICommand Command(LogIndex index, ICommand command) => command is DeclareQueue declare
        ? declare with { Options = declare.Options with { DeliveryLimit = 1 } }
        : command;
}

/// <summary>First deliveries follow the commit order.</summary>
public sealed class OvertakingMessage : Mutation
{
    public override string Rule => "first deliveries follow the commit order";

    public override string Break => "single messages are held back for a moment";

    public override ICommand Command(LogIndex index, ICommand command)
    {
        if (command is not Enqueue { Messages.Count: 1 } enqueue || index.Value % 7 != 0)
            return command;
        var output = new ArrayBufferWriter<byte>();
        foreach (var message in enqueue.Messages)
            MessageView.Write(output, TimeSpan.FromMilliseconds(100), null, null, message.Properties.Span, message.Body.Span);
        return enqueue with { Messages = new MessageBlock(output.WrittenMemory, 1) };
    }
}

/// <summary>A message is in one hand at a time.</summary>
public sealed class LeaseIsTakenAway : Mutation
{
    public override string Rule => "no two live leases on one message";

    public override string Break => "taking a subscription up again gives what it holds to others";

    public override ICommand Command(LogIndex index, ICommand command) =>
        command is Subscribe subscribe && index.Value % 2 == 0 ? new Unsubscribe(subscribe.Queue, subscribe.Consumer, 0) : command;
}

/// <summary>A message that was handed over before says so.</summary>
public sealed class HandOverIsForgotten : Mutation
{
    public override string Rule => "a second hand-over of a message counts";

    public override string Break => "what consumers tell to have started is left out";

    public override ICommand Command(LogIndex index, ICommand command) => command switch
    {
        Unsubscribe unsubscribe => unsubscribe with { StartedThrough = 0 },
        Settle settle => settle with { StartedThrough = 0, Settlements = [.. settle.Settlements.Select(Unstarted)] },
        Subscribe subscribe => subscribe with { StartedThrough = 0 },
        _ => command,
    };

    private static Settlement Unstarted(Settlement settlement) =>
        settlement.Kind == SettlementKind.Release ? settlement with { Kind = SettlementKind.Return } : settlement;
}

/// <summary>A delayed message comes when it is due.</summary>
public sealed class DelayIsIgnored : Mutation
{
    public override string Rule => "a delayed message waits until it is due";

    public override string Break => "delays are left out";

    public override ICommand Command(LogIndex index, ICommand command) => command switch
    {
        DeclareQueue declare => declare with { Options = declare.Options with { Delay = TimeSpan.Zero } },
        Enqueue enqueue => Rewrite(enqueue, keepsDelay: false, keepsGroup: true),
        _ => command,
    };

    internal static Enqueue Rewrite(Enqueue enqueue, bool keepsDelay, bool keepsGroup)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var message in enqueue.Messages)
        {
            var group = keepsGroup && !message.GroupKey.IsEmpty ? Encoding.UTF8.GetString(message.GroupKey.Span) : null;
            MessageView.Write(output, keepsDelay ? message.Delay : null, message.TimeToLive, group, message.Properties.Span, message.Body.Span);
        }

        return enqueue with { Messages = new MessageBlock(output.WrittenMemory, enqueue.Messages.Count) };
    }
}

/// <summary>A group is worked on by one consumer at a time.</summary>
public sealed class GroupIsIgnored : Mutation
{
    public override string Rule => "one message of a group at a time";

    public override string Break => "group keys are left out";

    public override ICommand Command(LogIndex index, ICommand command) =>
        command is Enqueue enqueue ? DelayIsIgnored.Rewrite(enqueue, keepsDelay: true, keepsGroup: false) : command;
}

/// <summary>A queue's bound holds.</summary>
public sealed class BoundIsIgnored : Mutation
{
    public override string Rule => "a queue keeps its bound";

    public override string Break => "bounds are left out";

    public override ICommand Command(LogIndex index, ICommand command) => command is DeclareQueue declare
        ? declare with { Options = declare.Options with { MaxMessages = 0, MaxBytes = 0, Overflow = OverflowPolicy.RejectNew } }
        : command;
}

/// <summary>A rejected message is kept for whoever looks into it.</summary>
public sealed class DeadLetterIsLost : Mutation
{
    public override string Rule => "a rejected message goes to the dead-letter queue";

    public override string Break => "dead-letter queues are left out";

    public override ICommand Command(LogIndex index, ICommand command) =>
        command is DeclareQueue declare ? declare with { Options = declare.Options with { DeadLetterQueue = null } } : command;
}
