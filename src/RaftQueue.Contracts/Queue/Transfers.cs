using System.Collections.Immutable;

namespace RaftQueue.Contracts.Queue;

/// <summary>
/// Messages on their way from a queue of another group: dead letters, or redriven ones. The leader of that group sends them, from a durable outbox, until they are
/// confirmed; what was taken in before is confirmed again and not stored again. Only nodes send this.
/// </summary>
/// <param name="Queue">Where they go.</param>
/// <param name="From">The group that they come from.</param>
/// <param name="Outbox">The number of the outbox; a later outbox of the same group for the same queue has a larger one.</param>
/// <param name="Messages">1 to <see cref="Bounds.MaxMessagesPerCommand"/> messages, in the order in which they left.</param>
/// <param name="Origins">
/// Of each message: its number in the outbox (<see cref="DeadLetter.Sequence"/>, rising) and what it keeps of its life in its source queue. One whose cause is
/// <see cref="DeadLetterCause.Redriven"/> arrives as an ordinary message.
/// </param>
public sealed record Transfer(QueueName Queue, GroupId From, long Outbox, MessageBlock Messages, ImmutableArray<DeadLetter> Origins) : IQueueCommand;

/// <summary>The group of the target has taken messages in: they leave the outbox. Only the leader of the outbox's group proposes this.</summary>
/// <param name="Target">The queue that they went to.</param>
/// <param name="Outbox">The number of the outbox.</param>
/// <param name="Through">The number in the outbox of the last that arrived.</param>
public sealed record ConfirmTransfer(QueueName Target, long Outbox, long Through) : ICommand;

/// <summary>Messages of another group are in the queue.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Outbox">The number of the outbox.</param>
/// <param name="Through">All through this number in the outbox are there, or were; later ones found no room.</param>
public sealed record Transferred(QueueName Queue, long Outbox, long Through) : IReply;

/// <summary>Messages that arrived have left their outbox.</summary>
/// <param name="Target">The queue that they went to.</param>
/// <param name="Messages">How many left by this confirmation.</param>
public sealed record TransferConfirmed(QueueName Target, int Messages) : IReply;
