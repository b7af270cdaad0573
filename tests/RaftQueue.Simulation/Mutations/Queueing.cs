using System.Buffers;
using System.Buffers.Binary;
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
