namespace RaftQueue.Simulation.Engine;

/// <summary>
/// Virtual time: what is to happen, in the order of time; what falls on the same instant happens in the order in which it was planned. Nothing else moves the simulation.
/// </summary>
public sealed class Schedule
{
    private readonly PriorityQueue<Action, Place> _planned = new();
    private long _sequence;

    /// <summary>The time since the start.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>How many events have happened.</summary>
    public long Events { get; private set; }

    /// <summary>Plans something for later.</summary>
    public void After(TimeSpan delay, Action happening) => At(Now + delay, happening);

    /// <summary>Plans something for an instant; the past means now.</summary>
    public void At(TimeSpan when, Action happening) =>
        _planned.Enqueue(happening, new Place(Math.Max(when.Ticks, Now.Ticks), _sequence++));

    /// <summary>Lets the next event happen, unless it lies beyond <paramref name="end"/>.</summary>
    /// <returns>False when there is none; the time is then <paramref name="end"/>.</returns>
    public bool RunNext(TimeSpan end)
    {
        if (!_planned.TryPeek(out var happening, out var place) || place.Ticks > end.Ticks)
        {
            Now = end;
            return false;
        }

        _planned.Dequeue();
        Now = new TimeSpan(place.Ticks);
        Events++;
        happening();
        return true;
    }

    /// <summary>Runs until the condition holds or the time is over.</summary>
    /// <returns>Whether the condition came to hold.</returns>
    public bool RunUntil(TimeSpan end, Func<bool> isDone)
    {
        while (!isDone())
        {
            if (!RunNext(end))
                return isDone();
        }

        return true;
    }

    /// <summary>Runs until nothing is planned any more; for schedules that are driven by hand, without timers.</summary>
    public void RunDry(int atMost = 100_000)
    {
        for (var i = 0; _planned.TryPeek(out _, out var place); i++)
        {
            if (i == atMost)
                throw new InvalidOperationException($"The schedule did not come to rest within {atMost} events: something answers itself for ever.");
            RunNext(new TimeSpan(place.Ticks));
        }
    }

    private readonly record struct Place(long Ticks, long Sequence) : IComparable<Place>
    {
        public int CompareTo(Place other)
        {
            var byTime = Ticks.CompareTo(other.Ticks);
            return byTime != 0 ? byTime : Sequence.CompareTo(other.Sequence);
        }
    }
}
