using System.Collections.Concurrent;
using RaftQueue.Client;
using RaftQueue.Client.Consuming;

namespace RaftQueue.Samples.Consumer;

/// <summary>
/// What was written is remembered until its acknowledgement is confirmed, after which the message never comes back: so the memory holds no more than is in flight.
/// </summary>
internal sealed class Acknowledgements
{
    private readonly ConcurrentDictionary<long, bool> _unconfirmed = new();
    private readonly Queue<Task> _running = new();

    /// <summary>Takes note of a message.</summary>
    /// <returns>False where it has come before, and was written then.</returns>
    public bool IsFirst(ReceivedMessage<byte[]> message) => _unconfirmed.TryAdd(message.Sequence, true);

    /// <summary>Acknowledges a message that was written.</summary>
    public void Start(ReceivedMessage<byte[]> message)
    {
        while (_running.TryPeek(out var oldest) && oldest.IsCompletedSuccessfully)
            _running.Dequeue();
        _running.Enqueue(AcknowledgeAsync(message));
    }

    /// <summary>Completes when everything is acknowledged that can be.</summary>
    public Task WaitAsync(CancellationToken stop) => Task.WhenAll(_running).WaitAsync(stop);

    private async Task AcknowledgeAsync(ReceivedMessage<byte[]> message)
    {
        try
        {
            await message.AckAsync();
            _unconfirmed.TryRemove(message.Sequence, out _);
        }
        catch (StaleLeaseException)
        {
            // The message comes again; it is acknowledged then, and not written again.
        }
    }
}
