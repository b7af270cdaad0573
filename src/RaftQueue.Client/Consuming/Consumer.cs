using System.Runtime.CompilerServices;
using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Client.Payloads;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// A streaming subscription: the broker pushes messages as far as the prefetch allows, and they are read with <c>await foreach</c>. Each
/// must be settled; what is not comes again when its lease ends or the consumer is disposed. Several loops may read from one consumer and
/// share its messages.
/// </summary>
/// <typeparam name="T">The type of the payloads.</typeparam>
public sealed class Consumer<T> : IAsyncEnumerable<ReceivedMessage<T>>, IAsyncDisposable
{
    private readonly ConsumerSettings _settings;
    private readonly IActorRef _actor;
    private readonly DeliveryBuffer _buffer;
    private readonly IPayloadSerializer<T> _serializer;
    private readonly TimeSpan _closeTimeout;
    private readonly Action<IAsyncDisposable> _onDisposed;
    private readonly Desk _desk;
    private readonly Ending _ending;
    private int _isDisposed;

    internal Consumer(
        ConsumerSettings settings, IActorRef actor, DeliveryBuffer buffer, Ending ending, IPayloadSerializer<T> serializer, Caller caller, Action<IAsyncDisposable> onDisposed)
    {
        (_settings, _actor, _buffer, _serializer) = (settings, actor, buffer, serializer);
        (_closeTimeout, _onDisposed, _desk) = (settings.CloseTimeout, onDisposed, new Desk(settings, actor, ending, caller));
        _ending = ending;
    }

    /// <summary>The queue that it consumes.</summary>
    public string Queue => _settings.Queue.Value;

    /// <summary>
    /// The messages as they come, until the consumer is disposed. A message counts as started when it is handed over here; those prefetched
    /// behind it do not.
    /// </summary>
    /// <param name="cancellation">Ends the loop; no message is lost by it.</param>
    /// <exception cref="QueueNotFoundException">There is no such queue, or it was deleted.</exception>
    /// <exception cref="RaftQueueException">The broker refused the subscription.</exception>
    public async IAsyncEnumerable<ReceivedMessage<T>> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await _buffer.WaitAsync(cancellation).ConfigureAwait(false))
        {
            while (!cancellation.IsCancellationRequested && _isDisposed == 0 && _buffer.TryStart(_actor, out var held))
                yield return new ReceivedMessage<T>(Queue, held.Delivery, _serializer, _desk);

            cancellation.ThrowIfCancellationRequested();
            if (_isDisposed != 0)
                yield break;
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerator<ReceivedMessage<T>> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        ReadAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    /// <summary>
    /// Commits what is being settled and ends the subscription: messages that were never handed over go back uncounted, those that were and
    /// are not settled go back as delivered once more. Loops end. Waits for that for <see cref="RaftQueueClientOptions.CloseTimeout"/> at
    /// most; what is not committed by then fails, and the cluster gives the consumer up by itself.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        var close = new ConsumerActor.Close(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var end = _ending.OnEnd(_ => close.Done.TrySetResult());
        _actor.Tell(close);
        await Task.WhenAny(close.Done.Task, Task.Delay(_closeTimeout)).ConfigureAwait(false);
        await _actor.GracefulStop(_closeTimeout).ConfigureAwait(false);
        _onDisposed(this);
    }

    private sealed class Desk(ConsumerSettings settings, IActorRef actor, Ending ending, Caller caller) : ISettlementDesk
    {
        public Task SettleAsync(Settlement settlement, CancellationToken cancellation)
        {
            cancellation.ThrowIfCancellationRequested();
            var pending = new PendingSettlement(settlement);
            actor.Tell(pending);
            return pending.WaitAsync(ending, cancellation);
        }

        public async Task<DateTimeOffset> ExtendAsync(long sequence, long token, TimeSpan lease, CancellationToken cancellation)
        {
            var until = await Extension.OfOneAsync(caller, settings.Queue, settings.Consumer, token, lease, cancellation).ConfigureAwait(false);
            actor.Tell(new ConsumerActor.LeaseExtended(token, lease));
            return until;
        }
    }
}
