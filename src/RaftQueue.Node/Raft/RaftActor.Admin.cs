using Akka.Actor;
using Akka.Event;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Queue;

namespace RaftQueue.Node.Raft;

// What operators ask: members, leadership, status; and what a stopping node asks.
internal sealed partial class RaftActor
{
    private const int MaxRequests = 256;

    private readonly Dictionary<long, Action<Effect.RequestEnded, Replica>> _requests = [];
    private readonly List<Origin> _waitForSuccessor = [];
    private long _lastRequestId;

    private State<Role, Replica> Administer(AskAdmin admin) => admin.Command switch
    {
        GetStatus => TellStatus(admin.Origin),
        _ when _requests.Count + _waitForSuccessor.Count >= MaxRequests => RefuseOneMore(admin.Origin),
        TransferLeadership transfer => Request(
            id => new Input.Transfer(id, transfer.Target),
            (ended, replica) => EndTransfer(admin.Origin, ended, replica.Leader)),
        AddMember add => AddMember(admin.Origin, add.Node),
        PromoteMember promote => Change(admin.Origin, new MembershipChange.Promote(promote.Node)),
        RemoveMember remove => Change(admin.Origin, new MembershipChange.Remove(remove.Node)),
        _ => throw new InvalidOperationException($"No way to administer {admin.Command}."),
    };

    private State<Role, Replica> RefuseOneMore(Origin origin)
    {
        origin.Answer(new Refused(RefusalCode.Busy, $"{MaxRequests} orders of operators are under way already; try again shortly."), Self);
        return Stay();
    }

    // Leadership is given up when the successor asks for votes; that it was elected is heard a moment later.
    private void EndTransfer(Origin origin, Effect.RequestEnded ended, NodeId? leader)
    {
        if (ended.Refusal.Length > 0)
            origin.Answer(Refusal(ended.Refusal, ended.OutcomeUnknown), Self);
        else if (leader is { } successor)
            origin.Answer(new LeadershipTransferred(successor), Self);
        else
            _waitForSuccessor.Add(origin);
    }

    private void NameSuccessor(NodeId? leader)
    {
        if (leader is not { } successor)
            return;
        foreach (var origin in _waitForSuccessor)
            origin.Answer(new LeadershipTransferred(successor), Self);
        _waitForSuccessor.Clear();
    }

    private void GiveUpSuccessor()
    {
        foreach (var origin in _waitForSuccessor)
        {
            origin.Answer(
                Refusal("Leadership was given up, but no new leader was heard of within the election timeout.", outcomeUnknown: true), Self);
        }

        _waitForSuccessor.Clear();
    }

    private State<Role, Replica> AddMember(Origin origin, NodeId node)
    {
        if (_directory.TryGetValue(node, out var known))
            return Change(origin, new MembershipChange.Add(node, known.Incarnation));
        origin.Answer(Refusal($"Node {node} has not been heard of. Start it first, with this cluster's nodes among its seeds."), Self);
        return Stay();
    }

    private State<Role, Replica> Change(Origin origin, MembershipChange change) => Request(
        id => new Input.ChangeMembers(id, change, WallClock),
        (ended, replica) => origin.Answer(
            ended.Refusal.Length > 0
                ? Refusal(ended.Refusal, ended.OutcomeUnknown)
                : new MembershipChanged(replica.Memory.Log.Configuration),
            Self));

    private State<Role, Replica> StartHandOver()
    {
        var asker = Sender;
        return Request(
            id => new Input.Transfer(id, null),
            (ended, replica) =>
            {
                if (ended.Refusal.Length > 0)
                    _throttled.Log(LogLevel.InfoLevel, "hand-over", null, $"Group {replica.Self.Group}: leadership was not handed over: {ended.Refusal}");
                asker.Tell(new HandedOver(replica.Self.Group));
            });
    }

    private State<Role, Replica> AlreadyHandedOver()
    {
        Sender.Tell(new HandedOver(StateData.Self.Group));
        return Stay();
    }

    private State<Role, Replica> Request(Func<long, Input> input, Action<Effect.RequestEnded, Replica> whenEnded)
    {
        _requests[++_lastRequestId] = whenEnded;
        return Obey(input(_lastRequestId));
    }

    private void EndRequest(Effect.RequestEnded ended, Replica replica)
    {
        if (_requests.Remove(ended.RequestId, out var whenEnded))
            whenEnded(ended, replica);
    }

    private State<Role, Replica> Compact(MachineSaved saved)
    {
        var log = StateData.Memory.Log;
        if (saved.Index <= log.Snapshot.LastIncludedIndex)
            return Stay(); // a snapshot of the leader has overtaken our own
        var through = Retention.CompactThrough(log, saved.Index, _settings.KeptLogBytes);
        return Obey(new Input.SnapshotStored(log.MetaAt(saved.Index), through));
    }

    private State<Role, Replica> TellStatus(Origin origin)
    {
        var (replica, log) = (StateData, StateData.Memory.Log);
        var problems = string.Join(' ', Problems(replica));
        var status = new ReplicaStatus(
            replica.Self.Node,
            replica.Self.Incarnation,
            replica.Self.Group,
            replica.Role.ToString(),
            replica.Memory.CurrentTerm,
            replica.Leader,
            log.FirstIndex,
            log.LastIndex,
            replica.CommitIndex,
            _applied,
            log.Snapshot.LastIncludedIndex,
            Digest: "",
            log.Configuration,
            [.. (replica.Leadership?.Peers ?? []).Select(peer => new MemberProgress(peer.Node, peer.MatchIndex, peer.Phase.ToString().ToLowerInvariant()))],
            IsHealthy: problems.Length == 0,
            Health: problems)
        {
            LogTimeOffset = replica.Clock.OffsetFrom(WallClock, Now),
        };
        if (IsApplyStalled)
            origin.Answer(status, Self); // a machine that stands still does not answer either
        else
            _neighbours.Queue.Tell(new CompleteStatus(origin, status));
        return Stay();
    }

    private static Refused Refusal(string why, bool outcomeUnknown = false) =>
        new(RefusalCode.MembershipRefused, why) { OutcomeUnknown = outcomeUnknown };
}
