using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using Xunit;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>Two machines of two groups, and what travels between them; the test decides what arrives, how often, and what is confirmed.</summary>
internal sealed class TwoGroups
{
    public const int MaxBytes = 64 * 1024;

    public static readonly GroupId First = new(0), Second = new(1);

    /// <summary>Has the queue <see cref="Given.Orders"/>.</summary>
    public Bench Source { get; init; } = new();

    /// <summary>Has, or is to have, the queue <see cref="Given.Dead"/>.</summary>
    public Bench Target { get; } = new();

    public void DeclareSource(QueueOptions? options = null) =>
        Source.Declare((options ?? QueueOptions.Default) with { DeadLetterQueue = Given.Dead }, deadLetterGroup: Second);

    /// <summary>Sends a message to the source and rejects it there.</summary>
    public void SendAndReject(params string[] bodies)
    {
        Source.Send(bodies);
        foreach (var lease in Source.Pull(bodies.Length, consumer: Given.Bob))
            Assert.Empty(Source.Settle(Given.Bob, Given.Reject(lease, "no such customer")).Refused);
    }

    /// <summary>What waits in the source for a queue of the target.</summary>
    public Transfer Pack(QueueName? queue = null) => Source.Machine.Pack(queue ?? Given.Dead, First, MaxBytes)!.Transfer;

    /// <summary>What waits in the target for a queue of the source.</summary>
    public Transfer PackBack(QueueName? queue = null) => Target.Machine.Pack(queue ?? Given.Orders, Second, MaxBytes)!.Transfer;

    /// <summary>Carries what waits in the source to the target, and confirms it.</summary>
    public void Carry() => Confirm(Source, Target.Do<Transferred>(Pack()));

    /// <summary>Carries what waits in the target to the source, and confirms it.</summary>
    public void CarryBack() => Confirm(Target, Source.Do<Transferred>(PackBack()));

    public static void Confirm(Bench from, Transferred arrived) =>
        from.Do<TransferConfirmed>(new ConfirmTransfer(arrived.Queue, arrived.Outbox, arrived.Through));
}
