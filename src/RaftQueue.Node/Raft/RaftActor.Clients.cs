using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Gateway;
using RaftQueue.Node.Queue;

namespace RaftQueue.Node.Raft;

// What clients ask of the leader: commands are collected while a write is in flight and go into the next one together (group commit).
internal sealed partial class RaftActor
{
    // Longer than messages are apart where it pays to share writes, and short to whoever waits for a settlement alone.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1);

    // Small ones cost far more memory than their bytes.
    private const int MaxPendingCommands = 65_536;
    private const int MaxReads = 4_096;

    private readonly PendingCommands _pending;
    private readonly ITimer _patience;
    private readonly Dictionary<long, AskQuery> _reads = [];
    private ImmutableArray<ProposeCommand> _batch = [];
    private long _lastReadId;

    private State<Role, Replica> Propose(ProposeCommand proposal)
    {
        if (!_pending.TryAdd(proposal))
        {
            proposal.Origin.Answer(Busy($"commands, or {MaxPendingCommands} of them, that wait to be written", _settings.MaxPendingBytes), Self);
            return Stay();
        }

        return ProposeWhatIsDue();
    }

    private State<Role, Replica> ProposeWhatIsDue() => MayPropose(StateData) ? Obey(NextBatch()) : Stay();

    private State<Role, Replica> LosePatience()
    {
        _pending.ExpectNoCompany();
        return ProposeWhatIsDue();
    }

    // While leadership is handed over commands wait: soon they can be told who leads, where a refusal would only send them around.
    private bool MayPropose(Replica replica) =>
        _pending.AreDue && replica is { Role: Role.Leader, Leadership.Handover: null } && _remembered == _remembering;

    private Input.Propose NextBatch()
    {
        _batch = _pending.TakeBatch();
        if (_pending.ExpectsCompany)
            _patience.Change(Patience, Timeout.InfiniteTimeSpan);
        return new Input.Propose([.. _batch.Select(proposal => proposal.Payload)], WallClock);
    }

    private void Announce(Effect.Proposed proposed) => _neighbours.Queue.Tell(new Proposed(proposed.FirstIndex, _batch));

    private void RefuseBatch(Effect.ProposalRefused refused, Replica replica)
    {
        IReply reply = refused.IsBusy
            ? Busy("commands that are not committed yet", _settings.Rules.MaxUncommittedBytes)
            : NotLeader(replica, outcomeUnknown: false);
        foreach (var proposal in _batch)
            proposal.Origin.Answer(reply, Self);
    }

    private State<Role, Replica> Read(AskQuery query)
    {
        if (_reads.Count >= MaxReads)
        {
            query.Origin.Answer(new Refused(RefusalCode.Busy, $"{MaxReads} questions wait for a majority already; try again shortly."), Self);
            return Stay();
        }

        _reads[++_lastReadId] = query;
        return Obey(new Input.Read(_lastReadId));
    }

    private void AnswerRead(Effect.ReadReady ready, Replica replica)
    {
        // The queue host has been told of everything through the read's index before it is told of the read. A question of history needs the log besides.
        if (_reads.Remove(ready.ReadId, out var query))
            _neighbours.Queue.Tell(query.Query is ExplainMessage question ? new TellHistory(query.Origin, question, replica.Memory.Log) : query);
    }

    private void RefuseRead(Effect.ReadRefused refused, Replica replica)
    {
        if (_reads.Remove(refused.ReadId, out var query))
            query.Origin.Answer(NotLeader(replica, outcomeUnknown: false), Self);
    }

    private State<Role, Replica> Redirect(IClientWork work)
    {
        if (work is AskAdmin { Command: IAnsweredByAnyRole } admin)
            return Administer(admin);
        work.Origin.Answer(NotLeader(StateData, outcomeUnknown: false), Self);
        return Stay();
    }

    private void FollowLeader(Effect.LeaderChanged changed, Replica replica)
    {
        _log.Info("Group {0}: term {1}, {2}", replica.Self.Group, changed.Term, changed.Leader is { } leader ? $"leader {leader}" : "no leader");
        _neighbours.Gateway.Tell(new LeaderKnown(replica.Self.Group, changed.Term, changed.Leader));
        NameSuccessor(changed.Leader);
        if (replica.Role == Role.Leader)
            return;
        var redirect = NotLeader(replica, outcomeUnknown: false);
        foreach (var proposal in _pending.TakeAll())
            proposal.Origin.Answer(redirect, Self);
        _neighbours.Queue.Tell(new StopLeading(redirect with { OutcomeUnknown = true }));
    }

    private NotLeader NotLeader(Replica replica, bool outcomeUnknown)
    {
        var address = replica.Leader is { } leader && leader != replica.Self.Node ? _directory.GetValueOrDefault(leader)?.Address : null;
        return new NotLeader(replica.Self.Group, address, outcomeUnknown);
    }

    private static Refused Busy(string of, long bound) =>
        new(RefusalCode.Busy, $"This node holds {bound} bytes of {of}, as many as it may; try again shortly.");

    private sealed record PatienceOver
    {
        public static readonly PatienceOver Instance = new();
    }
}
