using System.Buffers;
using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Client.Payloads;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Producing;

/// <summary>
/// Sends messages to one queue, in the order of the calls, each stored once however often it has to be retried. May be used by several
/// threads at once.
/// </summary>
/// <typeparam name="T">The type of the payloads.</typeparam>
public sealed class Producer<T> : IAsyncDisposable
{
    private readonly IActorRef _actor;
    private readonly Ending _ending;
    private readonly IPayloadSerializer<T> _serializer;
    private readonly TimeSpan _closeTimeout;
    private readonly Action<IAsyncDisposable> _onDisposed;
    private int _isDisposed;

    internal Producer(string queue, IActorRef actor, Ending ending, IPayloadSerializer<T> serializer, TimeSpan closeTimeout, Action<IAsyncDisposable> onDisposed)
    {
        (Queue, _actor, _ending) = (queue, actor, ending);
        (_serializer, _closeTimeout, _onDisposed) = (serializer, closeTimeout, onDisposed);
    }

    /// <summary>The queue that it sends to.</summary>
    public string Queue { get; }

    /// <summary>
    /// Sends a message; the task completes when a majority of the nodes has it on disk. Where the window is full the message waits for
    /// room. Calls need not be awaited one by one: messages on their way together are much faster. Each waiting call holds its message in
    /// memory.
    /// </summary>
    /// <param name="payload">What to send. Bytes given as <see cref="ReadOnlyMemory{T}"/> must not change until the call returns.</param>
    /// <param name="properties">What to say of it.</param>
    /// <param name="cancellation">
    /// Stops waiting. A message that is on its way already may be stored nevertheless; one that is not is never sent.
    /// </param>
    /// <exception cref="QueueNotFoundException">There is no such queue.</exception>
    /// <exception cref="QueueFullException">The queue is at its bound.</exception>
    /// <exception cref="RequestTimeoutException">
    /// It was not confirmed in time. Where <see cref="RaftQueueException.OutcomeUnknown"/>, the producer goes on trying to store it,
    /// because the messages behind it can only be stored after it: sending it again would make a second message.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// A payload, a header or another text is missing or cannot be written; the error names it.
    /// </exception>
    /// <exception cref="PayloadException">The payload cannot be written.</exception>
    public Task<SendReceipt> SendAsync(T payload, MessageProperties? properties = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return ConfirmAsync(new PendingSend(Pack(payload, properties, nameof(payload)), 1, IsAtomic: false), cancellation);
    }

    /// <inheritdoc cref="SendAsync(T, MessageProperties?, CancellationToken)"/>
    public Task<SendReceipt> SendAsync(T payload, CancellationToken cancellation) => SendAsync(payload, null, cancellation);

    /// <summary>Sends messages of which all are stored, one behind the other, or none.</summary>
    /// <param name="payloads">
    /// 1 to <see cref="Bounds.MaxMessagesPerCommand"/> payloads that fit into one command of <see cref="Bounds.MaxCommandBytes"/> bytes.
    /// </param>
    /// <param name="properties">What to say of each of them.</param>
    /// <param name="cancellation">As for a single send.</param>
    /// <returns>One receipt for each payload, in order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are none, or too many.</exception>
    public async Task<IReadOnlyList<SendReceipt>> SendBatchAsync(
        IReadOnlyCollection<T> payloads, MessageProperties? properties = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        ArgumentNullException.ThrowIfNull(payloads);
        Range.Check("payloads.Count", payloads.Count, 1, Bounds.MaxMessagesPerCommand);

        var output = new ArrayBufferWriter<byte>();
        var count = 0;
        foreach (var payload in payloads)
            output.Write(Pack(payload, properties, $"payloads[{count++}]").Span);
        if (count != payloads.Count)
            throw new ArgumentException($"Count is {payloads.Count}, but {count} payloads were enumerated: was it changed meanwhile?", nameof(payloads));
        if (output.WrittenCount > Bounds.MaxCommandBytes - RoomForHeader)
            throw new RaftQueueException(RefusalCode.TooLarge, $"The batch has {output.WrittenCount} bytes; at most {Bounds.MaxCommandBytes - RoomForHeader} can be stored at once. Send smaller batches.");

        var first = await ConfirmAsync(new PendingSend(output.WrittenMemory, count, IsAtomic: true), cancellation).ConfigureAwait(false);
        return [.. Enumerable.Range(0, count).Select(i => first with { Sequence = first.Sequence + i })];
    }

    /// <summary>
    /// Waits until everything sent so far is settled, for the send timeout at most, and closes the producer. What is open after that fails.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        var flush = new ProducerActor.Flush(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        using var end = _ending.OnEnd(_ => flush.Done.TrySetResult());
        _actor.Tell(flush);
        await Task.WhenAny(flush.Done.Task, Task.Delay(_closeTimeout)).ConfigureAwait(false);
        await _actor.GracefulStop(_closeTimeout).ConfigureAwait(false);
        _onDisposed(this);
    }

    // Queue name, producer id, numbers and lengths around the messages of a command.
    private const int RoomForHeader = 512;

    private ReadOnlyMemory<byte> Pack(T payload, MessageProperties? properties, string parameter)
    {
        ArgumentNullException.ThrowIfNull(payload, parameter);
        if (properties?.ContentType is not null && ContentTypes.RegisteredName(_serializer.ContentType) is not null)
            throw new ArgumentException($"The content type of a registered type says how to read it ({_serializer.ContentType}) and cannot be set; use a header.", nameof(properties));
        return MessagePacker.Pack(properties ?? MessageProperties.None, _serializer.ContentType, _serializer.Serialize(payload));
    }

    private async Task<SendReceipt> ConfirmAsync(PendingSend send, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var registration = cancellation.UnsafeRegister(_ => send.Cancel(cancellation), null);
        using var end = _ending.OnEnd(send.Fail);
        _actor.Tell(send);
        return new SendReceipt(Queue, await send.Confirmed.ConfigureAwait(false));
    }
}
