using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Simulation.Engine;

namespace RaftQueue.Simulation.Clients;

/// <summary>Whom a client takes for the leader, and the chance by which it waits between tries.</summary>
public sealed class ClientView(ClientLine line, Schedule schedule, SeededRandom random)
{
    private NodeId? _leader;

    /// <summary>The way to the nodes.</summary>
    public ClientLine Line { get; } = line;

    /// <summary>Virtual time.</summary>
    public Schedule Schedule { get; } = schedule;

    /// <summary>The client's own chance.</summary>
    public SeededRandom Random { get; } = random;

    /// <summary>Asks until the answer is final, as <paramref name="isFinal"/> judges it.</summary>
    public Asking Ask(ICommand command, Func<IReply, bool> isFinal)
    {
        var asking = new Asking(this, command, isFinal);
        asking.Try();
        return asking;
    }

    /// <summary>Whom to ask next.</summary>
    public NodeId Target() => _leader ?? Line.AnyNode();

    /// <summary>Learns from an answer who leads; from silence that the leader may be gone.</summary>
    public void Learn(NodeId from, IReply? reply) => _leader = reply switch
    {
        null => null,
        NotLeader redirect => redirect.Leader?.Node,
        _ => from,
    };
}

/// <summary>
/// One command on its way: asked again, the same bytes under the same numbers, of whom the redirects name or of anybody, until the answer is final. Each
/// try that went unanswered may have been carried out.
/// </summary>
public sealed class Asking(ClientView client, ICommand command, Func<IReply, bool> isFinal) : IAsker
{
    private static readonly TimeSpan FirstPatience = TimeSpan.FromMilliseconds(350), MostPatience = TimeSpan.FromSeconds(3);
    private readonly byte[] _payload = CommandCodec.Encode(command);
    private TimeSpan _patience = FirstPatience;
    private bool _isDone;
    private int _tries;

    /// <summary>Waits no more, and asks no more. A try that is on its way may still be carried out.</summary>
    public void Cancel() => _isDone = true;

    /// <summary>Asks once more.</summary>
    public void Try()
    {
        var number = ++_tries;
        var target = client.Target();
        client.Line.Ask(target, new ClientRequest(this, command, _payload));
        client.Schedule.After(_patience, () =>
        {
            if (_isDone || number != _tries)
                return;

            // A client that presses a slow group harder makes it slower.
            _patience = _patience * 2 < MostPatience ? _patience * 2 : MostPatience;
            client.Learn(target, null);
            Try();
        });
    }

    /// <inheritdoc />
    public void Hear(NodeId from, ClientRequest request, IReply reply)
    {
        client.Learn(from, reply);
        if (_isDone)
            return;
        _isDone = reply is not (NotLeader or Refused { Code: RefusalCode.Busy }) && isFinal(reply);
        if (!_isDone)
            TryLater();
    }

    private void TryLater()
    {
        var number = ++_tries;
        client.Schedule.After(client.Random.Between(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(80)), () =>
        {
            if (!_isDone && number == _tries)
                Try();
        });
    }
}
