using Akka.Actor;
using Akka.TestKit;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>The clocks of a node, moved by hand through a <see cref="TestScheduler"/>.</summary>
internal sealed class VirtualTime(TestScheduler scheduler) : TimeProvider
{
    /// <summary>What makes an actor system run on virtual time.</summary>
    public const string Hocon = """
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        }
        """;

    // The scheduler starts with the hour of the day; a schedule that is replayed must not.
    private static readonly DateTimeOffset _epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly DateTimeOffset _started = scheduler.Now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How far the wall clock is wrong; the monotonic clock is not.</summary>
    public TimeSpan WallError { get; set; }

    public override DateTimeOffset GetUtcNow() => _epoch + (scheduler.Now - _started) + WallError;

    public override long GetTimestamp() => (_epoch + (scheduler.Now - _started)).UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(scheduler, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Goes off once for each change, as nodes want it.</summary>
    private sealed class VirtualTimer(TestScheduler scheduler, Action callback) : ITimer
    {
        private ICancelable? _next;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _next?.Cancel();
            _next = null;
            if (period != Timeout.InfiniteTimeSpan)
                throw new NotSupportedException("A timer of virtual time goes off once.");
            if (dueTime != Timeout.InfiniteTimeSpan)
                scheduler.Advanced.ScheduleOnce(dueTime, callback, _next = new Cancelable(scheduler.Advanced));
            return true;
        }

        public void Dispose() => _next?.Cancel();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
