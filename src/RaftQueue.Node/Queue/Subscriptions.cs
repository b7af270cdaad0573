using Akka.Actor;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Queue;

/// <summary>A consumer, as the leader reaches it.</summary>
internal sealed class Subscription(QueueName queue, ConsumerId consumer)
{
    public QueueName Queue { get; } = queue;

    public ConsumerId Consumer { get; } = consumer;

    /// <summary>Where it is, once it has come to this leader.</summary>
    public Origin Origin { get; set; }

    /// <summary>Whether it has come to this leader.</summary>
    public bool IsAttached => Origin.Client is not null;

    /// <summary>Whether it is a single pull, which is answered, and not a stream.</summary>
    public bool IsPull { get; set; }

    /// <summary>
    /// Of a pull: whether it may have received what it holds, because a leader answered it while its connection was open.
    /// </summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether its connection was closed since it came.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>When it was last heard of, on the monotonic clock.</summary>
    public TimeSpan LastHeard { get; set; }

    /// <summary>The latest lease that it has told to have started to work on.</summary>
    public long StartedThrough { get; set; }

    /// <summary>
    /// The latest lease that was sent since it has come to this leader, or that had ended when it was its turn; 0 before the first.
    /// </summary>
    public long SentThrough { get; set; }

    /// <summary>What was leased to it and is not sent yet, in order.</summary>
    public List<Lease> Outbox { get; } = [];

    /// <summary>Whether it is among those whose outbox is to be sent.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Whether the outbox is left over from an earlier turn: a body in it was not in memory.</summary>
    public bool HasWaited { get; set; }
}

/// <summary>Where the consumers of a group are. Only the leader's host has any; none of it is replicated: a new leader learns it anew.</summary>
internal sealed class Subscriptions
{
    private static readonly TimeSpan PatienceWithStrangers = TimeSpan.FromSeconds(1);

    private const int MaxStrangers = 10_000;

    private readonly Dictionary<(QueueName Queue, ConsumerId Consumer), Subscription> _byId = [];
    private readonly List<Subscription> _withOutbox = [];
    private readonly Dictionary<(QueueName Queue, ConsumerId Consumer), TimeSpan> _strangers = [];

    /// <summary>Starts with the consumers that the machine knows and nobody has heard yet.</summary>
    public void Reset(QueueMachine machine, TimeSpan now)
    {
        Clear();
        foreach (var (queue, consumer) in machine.Consumers)
            _byId[(queue, consumer)] = new Subscription(queue, consumer) { LastHeard = now };
        foreach (var (queue, consumer, isWaiting) in machine.Pulls)
            _byId[(queue, consumer)] = new Subscription(queue, consumer) { LastHeard = now, IsPull = true, IsAnswered = !isWaiting };
    }

    /// <summary>Forgets all, and returns those that are here and wait for something.</summary>
    public IReadOnlyList<Subscription> Clear()
    {
        var attached = _byId.Values.Where(subscription => subscription is { IsAttached: true, IsAnswered: false }).ToList();
        _byId.Clear();
        _withOutbox.Clear();
        _strangers.Clear();
        return attached;
    }

    public Subscription? Find(QueueName queue, ConsumerId consumer) =>
        _byId.TryGetValue((queue, consumer), out var subscription) && subscription.IsAttached ? subscription : null;

    public Subscription Attach(QueueName queue, ConsumerId consumer, Origin origin, bool isPull, TimeSpan now)
    {
        if (!_byId.TryGetValue((queue, consumer), out var subscription))
            _byId[(queue, consumer)] = subscription = new Subscription(queue, consumer);
        _strangers.Remove((queue, consumer));
        subscription.Outbox.Clear(); // it is pushed all that it holds
        subscription.SentThrough = 0;
        subscription.Origin = origin;
        subscription.IsPull = isPull;
        (subscription.IsAnswered, subscription.IsCutOff) = (false, false);
        subscription.LastHeard = now;
        return subscription;
    }

    public Subscription? Remove(QueueName queue, ConsumerId consumer) =>
        _byId.Remove((queue, consumer), out var removed) && removed.IsAttached ? removed : null;

    /// <summary>Puts leases into the outbox of a consumer that is here.</summary>
    public void Post(QueueName queue, ConsumerId consumer, IReadOnlyList<Lease> leases)
    {
        // A consumer that has not come to this leader yet subscribes again, and is then sent what it holds.
        if (Find(queue, consumer) is not { } subscription)
            return;
        if (!subscription.IsWaiting)
            _withOutbox.Add(subscription);
        subscription.IsWaiting = true;
        subscription.Outbox.AddRange(leases);
    }

    /// <summary>Hands each outbox to <paramref name="send"/>, which says how much of it has left; the rest waits for the next time.</summary>
    public void Flush(Func<Subscription, int> send) => _withOutbox.RemoveAll(subscription =>
    {
        subscription.Outbox.RemoveRange(0, send(subscription));
        subscription.IsWaiting = subscription.HasWaited = subscription.Outbox.Count > 0;
        return !subscription.IsWaiting;
    });

    /// <summary>
    /// A client told what it has. Returns those of its subscriptions that are not here, and were not when it said so a while before: one that was just opened may
    /// still be on its way through the log.
    /// </summary>
    public IReadOnlyList<LiveSubscription> Renew(ClientIsAlive alive, TimeSpan now)
    {
        List<LiveSubscription> strangers = [];
        foreach (var live in alive.KeepAlive.Subscriptions)
        {
            if (!_byId.TryGetValue((live.Queue, live.Consumer), out var subscription))
            {
                if (IsStranger(live, now))
                    strangers.Add(live);
                continue;
            }

            subscription.LastHeard = now;
            subscription.IsCutOff = false;
            subscription.StartedThrough = Math.Max(subscription.StartedThrough, live.StartedThrough);
        }

        return strangers;
    }

    /// <summary>Forgets unknown consumers that were heard once, before then, and not again.</summary>
    public void ForgetStrangersSince(TimeSpan limit)
    {
        foreach (var gone in _strangers.Where(stranger => stranger.Value < limit).ToList())
            _strangers.Remove(gone.Key);
    }

    private bool IsStranger(LiveSubscription live, TimeSpan now)
    {
        if (_strangers.Count >= MaxStrangers)
            return false; // it is asked again at its next sign of life
        if (_strangers.TryAdd((live.Queue, live.Consumer), now) || now - _strangers[(live.Queue, live.Consumer)] < PatienceWithStrangers)
            return false;
        _strangers.Remove((live.Queue, live.Consumer));
        return true;
    }

    /// <summary>The connection to these consumers was closed: they are given until shortly after <paramref name="lastHeard"/> would time out.</summary>
    public void Doubt(Address client, TimeSpan lastHeard)
    {
        foreach (var subscription in _byId.Values)
        {
            if (!subscription.IsAttached || subscription.Origin.Client.Path.Address != client)
                continue;
            subscription.IsCutOff = true;
            if (subscription.LastHeard > lastHeard)
                subscription.LastHeard = lastHeard;
        }
    }

    /// <summary>The consumers that were not heard of since then.</summary>
    public IReadOnlyList<Subscription> SilentSince(TimeSpan limit) =>
        [.. _byId.Values.Where(subscription => subscription.LastHeard < limit)];

    /// <summary>The pulls that wait for their answer and whose connection is closed: nobody would get it.</summary>
    public IReadOnlyList<Subscription> AbandonedPulls() =>
        [.. _byId.Values.Where(subscription => subscription is { IsPull: true, IsAnswered: false, IsCutOff: true })];

    /// <summary>Forgets the pulls that hold nothing any more.</summary>
    public void ForgetEndedPulls(Func<QueueName, ConsumerId, bool> isKnown)
    {
        foreach (var pull in _byId.Values.Where(pull => pull.IsPull && !isKnown(pull.Queue, pull.Consumer)).ToList())
            _byId.Remove((pull.Queue, pull.Consumer));
    }
}
