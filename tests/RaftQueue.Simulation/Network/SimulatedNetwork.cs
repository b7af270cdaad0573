using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Faults;

namespace RaftQueue.Simulation.Network;

/// <summary>
/// The way between nodes: every message takes its own time, so they overtake each other; some are lost, doubled, or straggle in long after their sender's term is over.
/// Links are cut one way at a time.
/// </summary>
public sealed class SimulatedNetwork(Schedule schedule, SeededRandom random, FaultCounts counts, Action<Envelope> deliver)
{
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];

    /// <summary>How the network behaves at the moment.</summary>
    public required NetworkWeather Weather { get; set; }

    /// <summary>Whether any link is cut.</summary>
    public bool IsCut => _cut.Count > 0;

    /// <summary>Sends a message on its way.</summary>
    public void Send(Envelope envelope)
    {
        if (_cut.Contains((envelope.From, envelope.To)))
            return;
        if (random.Chance(Weather.Drop))
        {
            counts.Add(Fault.MessageLost);
            return;
        }

        Travel(envelope, TimeSpan.Zero);
        if (random.Chance(Weather.Duplicate))
        {
            counts.Add(Fault.MessageDuplicated);
            Travel(envelope, TimeSpan.Zero);
        }

        if (envelope.Message is AppendEntries or AppendReply)
            Echo(envelope);
    }

    /// <summary>Cuts the link one way.</summary>
    public void Cut(NodeId from, NodeId to) => _cut.Add((from, to));

    /// <summary>Mends the link one way.</summary>
    public void Mend(NodeId from, NodeId to) => _cut.Remove((from, to));

    /// <summary>Mends every link.</summary>
    public void Heal() => _cut.Clear();

    /// <summary>Old appends and their answers come again and again, long after; what is said once in a leadership is heard in the next ones of the same leader.</summary>
    private void Echo(Envelope envelope)
    {
        while (random.Chance(Weather.Echo))
        {
            counts.Add(Fault.MessageEchoed);
            Travel(envelope, random.Between(TimeSpan.Zero, Weather.MaxEcho));
        }
    }

    private void Travel(Envelope envelope, TimeSpan delay)
    {
        delay += random.Between(Weather.MinDelay, Weather.MaxDelay);
        if (random.Chance(Weather.Straggle))
        {
            counts.Add(Fault.MessageDelayed);
            delay += random.Between(TimeSpan.Zero, Weather.MaxStraggle);
        }

        schedule.After(delay, () =>
        {
            // A cut also catches what is on its way: a switch that dies takes its buffers with it.
            if (!_cut.Contains((envelope.From, envelope.To)))
                deliver(envelope);
        });
    }
}

/// <summary>How a network behaves.</summary>
public sealed record NetworkWeather(
    TimeSpan MinDelay, TimeSpan MaxDelay, double Drop, double Duplicate, double Straggle, TimeSpan MaxStraggle)
{
    /// <summary>Every message arrives, once, after the same short time.</summary>
    public static readonly NetworkWeather Still = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), 0, 0, 0, TimeSpan.Zero);

    /// <summary>How likely an append or its answer comes once more, much later; after each time anew.</summary>
    public double Echo { get; init; }

    /// <summary>How much later at most.</summary>
    public TimeSpan MaxEcho { get; init; }
}
