using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Clients;
using RaftQueue.Simulation.Engine;

namespace RaftQueue.Simulation.Nodes;

/// <summary>Takes the clients' commands to the leader's log and the answers back; others are told who leads. Commands that arrive together are proposed together.</summary>
public sealed class RequestDesk(Life life, World world)
{
    private static readonly ReadOnlyMemory<byte> TickPayload = CommandCodec.Encode(Contracts.Queue.Tick.Instance);

    private readonly List<ClientRequest> _arrived = [];
    private readonly SortedDictionary<long, (Term Term, ClientRequest Request)> _proposed = [];
    private readonly Dictionary<ConsumerId, ClientRequest> _pulls = [];
    private List<ClientRequest> _proposing = [];
    private LogIndex? _tick;

    /// <summary>A client's command arrives.</summary>
    public void Ask(ClientRequest request)
    {
        if (!life.IsLeader)
        {
            Redirect(request, outcomeUnknown: false);
            return;
        }

        _arrived.Add(request);
        if (_arrived.Count == 1)
            life.Soon(TimeSpan.FromMilliseconds(0.3), _ => Propose());
    }

    /// <summary>Something may be due by log time: the leader proposes a tick when no command comes by.</summary>
    public void Tick()
    {
        if (_tick is null && life.Machine.PerformsEffects && life.Machine.Queues.NextDue is { } due && due <= life.LogNow)
            Propose([], [TickPayload]);
    }

    /// <summary>The proposal stands in the log.</summary>
    public void Proposed(Effect.Proposed proposed)
    {
        for (var i = 0; i < _proposing.Count; i++)
            _proposed[proposed.FirstIndex.Value + i] = (life.Replica.CurrentTerm, _proposing[i]);
        if (_proposing.Count == 0)
            _tick = proposed.FirstIndex;
        _proposing = [];
    }

    /// <summary>The proposal was not taken.</summary>
    public void Refused(Effect.ProposalRefused refused)
    {
        foreach (var request in _proposing)
        {
            if (refused.IsBusy)
                world.Clients.Answer(life.Node.Id, request, new Refused(RefusalCode.Busy, "too much is uncommitted"));
            else
                Redirect(request, outcomeUnknown: false);
        }

        _proposing = [];
    }

    /// <summary>An entry was applied: whoever proposed it gets the answer.</summary>
    public void Applied(Entry entry, IReply? reply)
    {
        if (entry.Index == _tick)
            _tick = null;
        if (!_proposed.Remove(entry.Index.Value, out var proposal))
            return;
        if (proposal.Term != entry.Term)
            Redirect(proposal.Request, outcomeUnknown: false);
        else if (reply is not null)
            world.Clients.Answer(life.Node.Id, proposal.Request, reply);
        else if (proposal.Request.Command is Receive receive)
            _pulls[receive.Consumer] = proposal.Request;
    }

    /// <summary>What the machine asks of the leader.</summary>
    public void Perform(QueueEffect effect)
    {
        switch (effect)
        {
            case QueueEffect.Push push:
                world.Clients.Deliver(life.Node.Id, new Deliver(push.Queue, push.Consumer, life.Machine.Pack(push.Leases)));
                break;
            case QueueEffect.Answer answer when _pulls.Remove(answer.Consumer, out var request):
                world.Clients.Answer(life.Node.Id, request, new Received(answer.Queue, answer.Consumer, life.Machine.Pack(answer.Leases)));
                break;
        }
    }

    /// <summary>Those who wait for an answer are told that somebody else may have it; what they asked for may yet be committed.</summary>
    public void LoseLeadership()
    {
        foreach (var (_, request) in _proposed.Values)
            Redirect(request, outcomeUnknown: true);
        foreach (var request in _pulls.Values)
            Redirect(request, outcomeUnknown: true);
        _proposed.Clear();
        _pulls.Clear();
        _tick = null;
    }

    private void Propose()
    {
        var requests = _arrived.ToList();
        _arrived.Clear();
        Propose(requests, [.. requests.Select(request => request.Payload)]);
    }

    private void Propose(List<ClientRequest> requests, ReadOnlyMemory<byte>[] payloads)
    {
        _proposing = requests;
        life.Hear(new Input.Propose([.. payloads], life.WallNow));
    }

    private void Redirect(ClientRequest request, bool outcomeUnknown)
    {
        var leader = life.Replica.Leader is { } id && id != life.Node.Id ? new NodeAddress(id, "") : null;
        world.Clients.Answer(life.Node.Id, request, new NotLeader(new GroupId(0), leader, outcomeUnknown));
    }
}
