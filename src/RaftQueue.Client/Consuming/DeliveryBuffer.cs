using System.Threading.Channels;
using Akka.Actor;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// Deliveries between the actor that receives them and the application that reads them, and the news that flows back: how far the
/// application has started. Bounded by twice the prefetch; a broker that keeps to the credit never fills it, and what does not fit is left
/// to its lease.
/// </summary>
internal sealed class DeliveryBuffer(int prefetch)
{
    private readonly Channel<HeldDelivery> _channel = Channel.CreateBounded<HeldDelivery>(new BoundedChannelOptions(prefetch * 2) { SingleWriter = true });
    private long _startedThrough;
    private int _isReported = 1;

    public long StartedThrough => Volatile.Read(ref _startedThrough);

    public bool TryAdd(HeldDelivery delivery) => _channel.Writer.TryWrite(delivery);

    public void Complete(Exception? problem) => _channel.Writer.TryComplete(problem);

    public ValueTask<bool> WaitAsync(CancellationToken cancellation) => _channel.Reader.WaitToReadAsync(cancellation);

    /// <summary>
    /// Hands the next delivery that still counts over to the application, and tells the actor unless it is about to look anyway.
    /// </summary>
    public bool TryStart(IActorRef actor, out HeldDelivery delivery)
    {
        while (_channel.Reader.TryRead(out delivery!))
        {
            if (!delivery.TryStart())
                continue;
            RaiseStarted(delivery.Delivery.Token);
            if (Interlocked.Exchange(ref _isReported, 0) == 1)
                actor.Tell(ConsumerActor.LookAtStarted.Instance);
            return true;
        }

        return false;
    }

    /// <summary>Reads how far the application has started; a later start is told again.</summary>
    public long TakeStarted()
    {
        Volatile.Write(ref _isReported, 1);
        Interlocked.MemoryBarrier();
        return StartedThrough;
    }

    /// <summary>The application has started everything up to this lease.</summary>
    public void RaiseStarted(long token)
    {
        var known = StartedThrough;
        while (known < token)
        {
            var before = Interlocked.CompareExchange(ref _startedThrough, token, known);
            if (before == known)
                return;
            known = before;
        }
    }
}
