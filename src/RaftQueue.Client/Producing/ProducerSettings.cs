using RaftQueue.Client.Connection;
using RaftQueue.Contracts;

namespace RaftQueue.Client.Producing;

/// <summary>What a producer's actor needs to know.</summary>
/// <param name="Queue">Where it sends to.</param>
/// <param name="Options">The producer's options, checked.</param>
/// <param name="SendTimeout">How long a send waits for its confirmation.</param>
/// <param name="AttemptTimeout">How long one attempt waits for its answer.</param>
/// <param name="Backoff">The pauses while the broker is busy.</param>
internal sealed record ProducerSettings(
    QueueName Queue, ProducerOptions Options, TimeSpan SendTimeout, TimeSpan AttemptTimeout, Backoff Backoff);
