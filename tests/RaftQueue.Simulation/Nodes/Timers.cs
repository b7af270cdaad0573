using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Engine;

namespace RaftQueue.Simulation.Nodes;

/// <summary>
/// The election and heartbeat timers of one life. A restart only moves the deadline; the event that is already planned looks at it when it comes, so a
/// schedule is not full of timers that were put off.
/// </summary>
public sealed class Timers(Life life, World world)
{
    private TimeSpan? _electionDeadline;
    private TimeSpan _electionPlanned = TimeSpan.MaxValue;
    private int _heartbeats;

    /// <summary>Does what a step asks for.</summary>
    public void Set(Step step)
    {
        if (!world.HasTimers)
            return;
        if (step.ElectionTimer == TimerChange.Restart)
            RestartElection();
        else if (step.ElectionTimer == TimerChange.Hasten)
            HastenElection();
        else if (step.ElectionTimer == TimerChange.Stop)
            _electionDeadline = null;

        if (step.HeartbeatTimer != TimerChange.None)
            _heartbeats++;
        if (step.HeartbeatTimer == TimerChange.Restart)
            PlanHeartbeat(_heartbeats);
    }

    /// <summary>Draws a new election timeout, between the shortest and twice that (§9.3).</summary>
    public void RestartElection()
    {
        if (!world.HasTimers)
            return;
        var shortest = world.Profile.Options.MinElectionTimeout;
        FireElectionAfter(world.Random.Between(shortest, shortest * 2));
    }

    private void HastenElection() => FireElectionAfter(world.Random.Between(TimeSpan.Zero, world.Profile.Options.MinElectionTimeout / 4));

    private void FireElectionAfter(TimeSpan span)
    {
        _electionDeadline = world.Now + life.Node.Clock.TrueSpan(span);
        if (_electionDeadline < _electionPlanned)
            PlanElection(_electionDeadline.Value);
    }

    private void PlanElection(TimeSpan at)
    {
        _electionPlanned = at;
        life.Soon(at - world.Now, _ => LookAtElection(at));
    }

    private void LookAtElection(TimeSpan planned)
    {
        // A deadline that moved nearer planned another look, which counts instead of this one.
        if (planned != _electionPlanned)
            return;
        _electionPlanned = TimeSpan.MaxValue;
        if (_electionDeadline is not { } deadline)
            return;
        if (deadline > world.Now)
        {
            PlanElection(deadline);
            return;
        }

        _electionDeadline = null;
        life.Hear(new Input.ElectionTimeout());
    }

    private void PlanHeartbeat(int number) => life.Soon(life.Node.Clock.TrueSpan(world.Profile.HeartbeatEvery), _ =>
    {
        if (number != _heartbeats)
            return;
        PlanHeartbeat(number);
        life.Hear(new Input.Heartbeat(life.WallNow));
        life.Desk.Tick();
    });
}
