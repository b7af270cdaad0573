using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Remoting;

namespace RaftQueue.Client.Connection;

/// <summary>Finding leaders, and noticing that nodes are gone.</summary>
internal sealed partial class ConnectionActor
{
    // A leader that was deposed, and lives, answers what it has taken in: it knows what has been committed. One that is silent is not worth an attempt's timeout.
    private static readonly TimeSpan SupersededGrace = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, TimeSpan> _askedSince = [];
    private readonly HashSet<string> _greeted = [];
    private int _rounds;

    private void ListenForNodes()
    {
        Receive<LookAround>(_ => AskNextNode());
        Receive<Welcome>(OnWelcome);

        // A killed process closes its connections: the quickest sign of its death, well ahead of any timeout. Gateways are not watched: a watch that times out on
        // a node which was only paused would quarantine it, and nothing but a restart ends a quarantine.
        Receive<DisassociatedEvent>(closed => Lose(closed.RemoteAddress.ToString(), "its connection was closed"));
        Receive<AssociationErrorEvent>(failed => Lose(failed.RemoteAddress.ToString(), "it cannot be reached"));
        Receive<QuarantinedEvent>(barred => Lose(barred.Address.ToString(), "it was quarantined"));
        Receive<RemotingLifecycleEvent>(_ => { });
        Receive<ConnectFailed>(failed => _progress.Fail(failed.Failure));
        Receive<PeerGreeted>(OnGreeted);
    }

    private void LookForLeaders()
    {
        if (Timers.IsTimerActive(LookAround.Instance))
            return;
        _rounds = 0;
        AskNextNode();
    }

    // One node a round, without waiting for the one before: a dead node costs a short pause, and whoever answers first is heard.
    private void AskNextNode()
    {
        Greet(_finder.NextNode());
        Timers.StartSingleTimer(LookAround.Instance, LookAround.Instance, _settings.Backoff.PauseBefore(_rounds++ / _finder.Addresses.Count));
    }

    private void OnWelcome(Welcome welcome)
    {
        var from = _gateways.AddressOf(Sender);
        _askedSince.Remove(from);
        var changed = _finder.Learn(welcome, from);
        _progress.Succeed();

        Unpark();
        foreach (var group in changed)
            OnNewLeader(group);
        // Every node is told that we are there, so that whichever hears of a new leader first can tell us.
        foreach (var address in _finder.Addresses.Where(address => !_greeted.Contains(address)))
            Greet(address);
        if (_parked.Count == 0 && !HasSubscriptionsWithoutLeader())
            Timers.Cancel(LookAround.Instance);
    }

    // A node may have been asked at a name or an address of its machine. It takes messages only where it says that it is.
    private void OnGreeted(PeerGreeted greeted)
    {
        var (dialled, own) = (greeted.Dialled.ToString(), greeted.Own.ToString());
        if (!_finder.Addresses.Contains(dialled))
            return;
        if (greeted.Own.System != greeted.Dialled.System)
        {
            _progress.Fail(new ConnectFailure(
                dialled,
                ConnectFailureKind.OtherSystem,
                $"the node there is of the actor system \"{greeted.Own.System}\", not of \"{greeted.Dialled.System}\" (raftqueue.client.system-name)"));
        }
        else if (dialled == own)
        {
            _progress.Reached(dialled);
        }
        else
        {
            _finder.Move(dialled, own);
            _gateways.Forget(dialled);
            _progress.Moved(dialled, own);
            Greet(own);
        }
    }

    private void Greet(string address)
    {
        _greeted.Add(address);
        _gateways.At(address).Tell(new Hello(++_lastCorrelationId, WantsNews: true), Self);
    }

    // Nodes forget who listens when a connection is closed, or when they are restarted.
    private void GreetNextNode()
    {
        if (_finder.Groups > 0)
            Greet(_finder.NextNode());
    }

    private void Supersede(GroupId group)
    {
        if (!_finder.TryLeader(group, out var leader))
            return;
        var until = Now + SupersededGrace;
        foreach (var (correlationId, exchange) in _exchanges.Where(pair => IsSuperseded(pair.Value, group, leader)).ToArray())
            _exchanges[correlationId] = exchange with { GivenUpAt = until };
    }

    private static bool IsSuperseded(Exchange exchange, GroupId group, string leader) =>
        exchange.MayMove && exchange.Group == group && exchange.Address != leader && exchange.GivenUpAt is null;

    private void DropSuperseded(TimeSpan now)
    {
        foreach (var (correlationId, exchange) in _exchanges.Where(pair => pair.Value.GivenUpAt <= now).ToArray())
        {
            _exchanges.Remove(correlationId);
            exchange.ReplyTo.Tell(new AttemptLost(exchange.Tag, WasSent: true, $"{exchange.Address} leads no more"));
        }
    }

    private void OnRedirect(NotLeader redirect, string from)
    {
        if (_finder.Redirect(redirect, from))
        {
            Unpark();
            OnNewLeader(redirect.Group);
        }
        else if (HasSubscriptionsWithoutLeader())
        {
            LookForLeaders();
        }
    }

    /// <summary>A node is gone: whoever waits for its answer hears so now, in the order of sending.</summary>
    private void Lose(string address, string why)
    {
        if (!_finder.Addresses.Contains(address))
            return; // someone else's business, in a system that we joined
        _log.Debug("The node at {0} is lost: {1}.", address, why);
        _finder.Lose(address);
        _greeted.Remove(address);
        _gateways.Forget(address);
        _askedSince.Remove(address);
        foreach (var (correlationId, exchange) in _exchanges.Where(pair => pair.Value.Address == address).ToArray())
        {
            _exchanges.Remove(correlationId);
            exchange.ReplyTo.Tell(new AttemptLost(exchange.Tag, WasSent: true, $"{address}: {why}"));
        }

        if (HasSubscriptionsWithoutLeader())
            LookForLeaders();
    }

    /// <summary>Asks a node whether it is there and what it knows; one that leaves this open for too long is lost.</summary>
    private void Probe(string address)
    {
        _askedSince.TryAdd(address, Now);
        Greet(address);
    }

    private void LoseSilentNodes(TimeSpan now)
    {
        foreach (var address in _askedSince.Where(asked => now - asked.Value >= _settings.AttemptTimeout).Select(asked => asked.Key).ToArray())
            Lose(address, "it does not answer");
    }

    private sealed record LookAround
    {
        public static readonly LookAround Instance = new();
    }
}
