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

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    public override long GetTimestamp() => scheduler.Now.UtcTicks;
}
