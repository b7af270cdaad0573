using RaftQueue.Contracts;

namespace RaftQueue.Client.Connection;

/// <summary>The sender consumes: deliveries for this consumer go to it, and leaders are told that it is alive.</summary>
internal sealed record JoinConsumer(QueueName Queue, ConsumerId Consumer);

/// <summary>It consumes no more.</summary>
internal sealed record LeaveConsumer(ConsumerId Consumer);

/// <summary>The application has started to work on everything up to this lease.</summary>
internal sealed record DeliveriesStarted(ConsumerId Consumer, long Through);

/// <summary>To a consumer: another node leads its group now, and has to be told of the subscription.</summary>
internal sealed record LeaderChanged(GroupId Group);
