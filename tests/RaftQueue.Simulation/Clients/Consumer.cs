using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Simulation.Checkers;

namespace RaftQueue.Simulation.Clients;

/// <summary>
/// Holds a subscription and settles what it gets: mostly it acknowledges, sometimes it releases, sometimes it does nothing until the lease ends. It takes the
/// subscription up again now and then, because leaders change without telling it; and it can vanish and come back as another.
/// </summary>
public sealed class Consumer(ClientView client, Referee referee, QueueName queue, double rejects = 0)
{
    private static readonly TimeSpan TakeUpAgain = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan[] Leases = [TimeSpan.FromMilliseconds(150), TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(5)];
    private readonly HashSet<long> _settling = [];
    private ConsumerId _id;
    private int _prefetch;
    private TimeSpan _lease;
    private long _started;

    /// <summary>Subscribes under a new id.</summary>
    public void Start()
    {
        _id = new ConsumerId(client.Random.NextGuid());
        _prefetch = client.Random.Pick([1, 4, 20]);
        _lease = client.Random.Pick(Leases);
        _started = 0;
        _settling.Clear();
        client.Line.Connect(_id, this);
        KeepSubscribed(_id);
    }

    /// <summary>Dies without a word. Somebody who watches sessions tells the leader in the end; the application starts another consumer.</summary>
    public void Vanish()
    {
        var (gone, started) = (_id, _started);
        Start();
        client.Schedule.After(TimeSpan.FromMilliseconds(500), () => End(gone, started));
    }

    /// <summary>Deliveries arrive.</summary>
    public void Receive(NodeId from, Deliver deliveries)
    {
        if (deliveries.Consumer != _id)
            return;
        client.Learn(from, Ticked.Instance);
        foreach (var delivery in deliveries.Deliveries.ToList())
        {
            referee.Delivered(queue, _id, delivery);
            _started = Math.Max(_started, delivery.Token);
            if (_settling.Add(delivery.Token))
                Work(delivery);
        }
    }

    private void End(ConsumerId gone, long started) => client.Ask(new Unsubscribe(queue, gone, started), _ => true);

    private void KeepSubscribed(ConsumerId id)
    {
        if (id != _id)
            return;
        client.Ask(new Subscribe(queue, id, _prefetch, _lease, _started), reply =>
        {
            // A try that was late has opened the subscription of one who is gone: whoever watches sessions ends it again, and does not know
            // what it had started.
            if (id != _id && reply is Subscribed)
                End(id, long.MaxValue);
            return reply is not Refused { Code: RefusalCode.UnknownQueue } || id != _id;
        });
        client.Schedule.After(TakeUpAgain, () => KeepSubscribed(id));
    }

    private void Work(Delivery delivery)
    {
        if (client.Random.Chance(0.05))
            return;
        var consumer = _id;
        client.Schedule.After(client.Random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(40)), () =>
        {
            if (consumer == _id)
                Settle(delivery);
        });
    }

    private void Settle(Delivery delivery)
    {
        var kind = client.Random.Chance(rejects) ? SettlementKind.Reject : client.Random.Chance(0.1) ? SettlementKind.Release : SettlementKind.Ack;
        var reason = kind == SettlementKind.Reject ? "the address is not known" : "";
        var settle = new Settle(queue, _id, _started, [new Settlement(kind, delivery.Sequence, delivery.Token, reason)]);
        client.Ask(settle, _ => true);
    }
}
