using Akka.Pattern;
using Akka.Persistence;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>What an operator is told of a replica that does not start.</summary>
public sealed class TroubleTests
{
    [Fact]
    public void Damage_comes_with_its_remedy()
    {
        var said = Trouble.OfJournal(new DamagedRecordException(7, "The journal record 7 is damaged."));

        Assert.Contains("record 7", said, StringComparison.Ordinal);
        Assert.Contains("repair", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slow_recovery_is_not_taken_for_damage_and_names_the_setting_to_raise()
    {
        var said = Trouble.OfJournal(new RecoveryTimedOutException("Recovery timed out, didn't get event within 60s."));

        Assert.Contains("raftqueue.storage.journal.recovery-event-timeout", said, StringComparison.Ordinal);
        Assert.Contains("Nothing is known to be damaged", said, StringComparison.Ordinal);
        Assert.DoesNotContain("repair", said, StringComparison.Ordinal);
    }

    public static TheoryData<Exception> TimeoutsOfADatabase => [new TimeoutException("30 s"), new OpenCircuitException("The circuit breaker is open.")];

    [Theory]
    [MemberData(nameof(TimeoutsOfADatabase))]
    public void A_database_that_does_not_answer_is_not_taken_for_damage(Exception timeout)
    {
        Assert.Contains("raftqueue.storage.journal.call-timeout", Trouble.OfJournal(timeout), StringComparison.Ordinal);
        Assert.Contains("raftqueue.storage.snapshots.ask-timeout", Trouble.OfSnapshot(timeout), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_neither()
    {
        var said = Trouble.OfJournal(new IOException("No space left on device"));

        Assert.Contains("No space left", said, StringComparison.Ordinal);
        Assert.DoesNotContain("repair", said, StringComparison.Ordinal);
        Assert.DoesNotContain("raise", said, StringComparison.Ordinal);
    }
}
