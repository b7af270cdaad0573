using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Persistence;
using Akka.Persistence.Journal;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>What befalls a write.</summary>
public enum JournalFault
{
    None,

    /// <summary>The database says no, and nothing is written.</summary>
    Fails,

    /// <summary>It is written, but the answer is a failure: who asked cannot know.</summary>
    FailsAfterWriting,

    /// <summary>The record itself is refused.</summary>
    Rejects,

    /// <summary>There is no answer within the time that the circuit breaker gives a call.</summary>
    OpensItsBreaker,

    /// <summary>There is no answer at all.</summary>
    Stalls,
}

/// <summary>Which write meets which fault; all others succeed.</summary>
internal sealed class JournalScript
{
    private static readonly ConcurrentDictionary<string, JournalScript> BySystem = [];
    private readonly ConcurrentDictionary<int, JournalFault> _faults = [];
    private int _calls;

    public int Calls => _calls;

    public static JournalScript Of(string system) => BySystem.GetOrAdd(system, _ => new JournalScript());

    public void At(int call, JournalFault fault) => _faults[call] = fault;

    public JournalFault Next() => _faults.GetValueOrDefault(Interlocked.Increment(ref _calls));
}

/// <summary>A journal in memory that fails when its script says so. The script goes by the name of the actor system.</summary>
public sealed class ScriptedJournal : MemoryJournal
{
    private readonly JournalScript _script = JournalScript.Of(Context.System.Name);

    protected override async Task<IImmutableList<Exception>> WriteMessagesAsync(IEnumerable<AtomicWrite> messages, CancellationToken cancellationToken)
    {
        var fault = _script.Next();
        switch (fault)
        {
            case JournalFault.Fails:
                throw new IOException("No space left on device");
            case JournalFault.FailsAfterWriting:
                await base.WriteMessagesAsync(messages, cancellationToken);
                throw new IOException("The connection was closed");
            case JournalFault.Rejects:
                return [.. messages.Select(_ => new InvalidDataException("The record is refused"))];
            case JournalFault.OpensItsBreaker:
                await Task.Delay(TimeSpan.FromSeconds(60), CancellationToken.None); // far beyond the breaker's time
                return ImmutableList<Exception>.Empty;
            case JournalFault.Stalls:
                await new TaskCompletionSource().Task;
                return ImmutableList<Exception>.Empty;
            default:
                return (await base.WriteMessagesAsync(messages, cancellationToken))!;
        }
    }
}
