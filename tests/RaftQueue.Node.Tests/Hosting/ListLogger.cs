using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;

namespace RaftQueue.Node.Tests.Hosting;

/// <summary>Keeps what is logged in an actor system, as a logger that Akka has would print it.</summary>
internal sealed class ListLogger : ReceiveActor
{
    private static readonly ConcurrentDictionary<ActorSystem, ConcurrentQueue<LogEvent>> s_logs = new();

    public ListLogger()
    {
        var (system, log) = (Context.System, s_logs.GetOrAdd(Context.System, _ => new ConcurrentQueue<LogEvent>()));
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(entry =>
        {
            if (system.Settings.LogFilter.ShouldTryKeepMessage(entry, out _))
                log.Enqueue(entry);
        });
    }

    public static IEnumerable<LogEvent> Of(ActorSystem system) => s_logs.TryGetValue(system, out var log) ? log : [];

    /// <summary>Waits until a line with this text was logged.</summary>
    public static async Task HasAsync(ActorSystem system, string text, TimeSpan deadline)
    {
        using var limit = new CancellationTokenSource(deadline);
        using var attempts = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!Of(system).Any(log => log.Message.ToString()!.Contains(text, StringComparison.Ordinal)))
        {
            if (limit.IsCancellationRequested)
                throw new TimeoutException($"Not logged: {text}. Logged: {string.Join(Environment.NewLine, Of(system))}");
            await attempts.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
