using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Simulation.Checkers;

namespace RaftQueue.Simulation.Clients;

/// <summary>
/// Pulls a few messages at a time, each pull under an id of its own, acknowledges them together, and pulls again. Some pulls are cancelled,
/// whether they
/// wait or are just being answered: what they got is given back.
/// </summary>
public sealed class Puller(ClientView client, Referee referee, QueueName queue)
{
    private const double Cancels = 0.2;
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(250), Lease = TimeSpan.FromSeconds(1);

    /// <summary>Starts pulling, for good.</summary>
    public void Start() => client.Schedule.After(client.Random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(200)), Pull);

    private void Pull()
    {
        var id = new ConsumerId(client.Random.NextGuid());
        var isOver = false;
        var asking = client.Ask(new Receive(queue, id, client.Random.Between(1, 5), Wait, Lease), reply =>
        {
            if (reply is Refused)
                return false;
            isOver = true;
            var deliveries = reply is Received received ? received.Deliveries.ToList() : [];
            foreach (var delivery in deliveries)
                referee.Delivered(queue, id, delivery);
            if (deliveries.Count == 0)
                Start();
            else
                Acknowledge(id, deliveries);
            return true;
        });
        if (!client.Random.Chance(Cancels))
            return;
        client.Schedule.After(client.Random.Between(TimeSpan.Zero, Wait), () =>
        {
            if (!isOver)
                Cancel(id, asking);
        });
    }

    private void Cancel(ConsumerId id, Asking asking)
    {
        asking.Cancel();
        client.Ask(new Unsubscribe(queue, id, StartedThrough: 0), _ => true);
        Start();
    }

    private void Acknowledge(ConsumerId id, IReadOnlyList<Delivery> deliveries)
    {
        ImmutableArray<Settlement> settlements =
            [.. deliveries.Select(delivery => new Settlement(SettlementKind.Ack, delivery.Sequence, delivery.Token, ""))];
        client.Ask(new Settle(queue, id, deliveries[^1].Token, settlements), _ =>
        {
            Start();
            return true;
        });
    }
}
