using RaftQueue.Client.Connection;
using RaftQueue.Contracts;

namespace RaftQueue.Client.Consuming;

/// <summary>What a consumer's actor needs to know.</summary>
/// <param name="Queue">What it consumes.</param>
/// <param name="Consumer">Under which id.</param>
/// <param name="Options">The consumer's options, checked.</param>
/// <param name="Backoff">The pauses before a subscription that could not be opened is tried again.</param>
/// <param name="CloseTimeout">How long its end may take.</param>
internal sealed record ConsumerSettings(
    QueueName Queue, ConsumerId Consumer, ConsumerOptions Options, Backoff Backoff, TimeSpan CloseTimeout);
