using Akka.Actor;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Node.Queue;

/// <summary>
/// The bytes of answers and deliveries that were handed to remoting and are not encoded yet. Remoting takes whatever it is given into
/// mailboxes without a bound; so questions are refused as busy, and deliveries wait, while there are too many. Once encoded they are
/// counted by the transport, for each connection.
/// </summary>
/// <param name="limit">The bound, in bytes; the last message may go beyond.</param>
/// <param name="whenThereIsRoom">Called once, on any thread, when there is room again after <see cref="WaitForRoom"/>.</param>
internal sealed class UnsentAnswers(long limit, Action whenThereIsRoom) : IEncodingWatch
{
    private long _bytes;
    private long _least;
    private int _isAwaited;

    /// <summary>The bound, in bytes.</summary>
    public long Limit => limit;

    /// <summary>Whether more may be handed over.</summary>
    public bool HasRoom => Interlocked.Read(ref _bytes) < limit;

    /// <summary>A message as it is to be handed over. One to an actor of the same system never becomes bytes, and is not counted.</summary>
    public ClientReply Watched(ClientReply answer, IActorRef client) =>
        Count(MessageWeight.Of(answer.Reply), client) ? answer with { Watch = this } : answer;

    /// <inheritdoc cref="Watched(ClientReply, IActorRef)"/>
    public Deliver Watched(Deliver deliver, IActorRef client) =>
        Count(MessageWeight.Of(deliver), client) ? deliver with { Watch = this } : deliver;

    /// <inheritdoc />
    public void Encoded(int weight)
    {
        var left = Interlocked.Add(ref _bytes, -weight);
        if (left < Interlocked.Read(ref _least))
            Interlocked.Exchange(ref _least, left);
        if (left < limit && Interlocked.Exchange(ref _isAwaited, 0) != 0)
            whenThereIsRoom();
    }

    /// <summary>Wants to be called when there is room.</summary>
    public void WaitForRoom()
    {
        Interlocked.Exchange(ref _isAwaited, 1);
        if (HasRoom && Interlocked.Exchange(ref _isAwaited, 0) != 0)
            whenThereIsRoom();
    }

    /// <summary>
    /// To be called every few seconds. What lay there through all the time since the last call was discarded with its connection, and is
    /// never encoded.
    /// </summary>
    public void ForgetDiscarded()
    {
        Encoded((int)Interlocked.Read(ref _least));
        Interlocked.Exchange(ref _least, Interlocked.Read(ref _bytes));
    }

    private bool Count(int weight, IActorRef client)
    {
        if (weight == 0 || client.Path.Address.HasLocalScope)
            return false;
        Interlocked.Add(ref _bytes, weight);
        return true;
    }
}
