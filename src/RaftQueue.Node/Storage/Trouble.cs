using Akka.Pattern;
using Akka.Persistence;
using Microsoft.Data.Sqlite;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Storage;

/// <summary>
/// Tells damage, which stays until it is repaired, from a disk that is only too slow, which passes: the words for the operator, with what to do.
/// </summary>
internal static class Trouble
{
    private const string Remedy = "Stop this node and run the server's verb repair: it then fetches a clean copy from the other nodes.";
    private const int SqliteCorrupt = 11;
    private const int SqliteNotADatabase = 26;

    /// <summary>Why a journal does not recover, after "because".</summary>
    public static string OfJournal(Exception reason) => reason switch
    {
        RecoveryTimedOutException => TooSlow("its journal", reason, "journal.recovery-event-timeout"),
        _ when IsTimeout(reason) => TooSlow("its journal", reason, "journal.call-timeout"),
        _ => $"its journal cannot be read: {WithRemedy(reason)}",
    };

    /// <summary>Why a snapshot cannot be stored or read.</summary>
    public static string OfSnapshot(Exception reason) => IsTimeout(reason)
        ? TooSlow("its snapshot store", reason, "snapshots.ask-timeout and .call-timeout")
        : $"a snapshot cannot be stored or read: {WithRemedy(reason)}";

    /// <summary>The message, and for damage the remedy.</summary>
    public static string WithRemedy(Exception reason) => IsDamage(reason) ? $"{reason.Message} {Remedy}" : reason.Message;

    private static string TooSlow(string store, Exception reason, string settings) =>
        $"{store} did not answer in time: {reason.Message} Nothing is known to be damaged, and it is tried again. If a busy disk or machine needs longer, raise raftqueue.storage.{settings}.";

    private static bool IsTimeout(Exception reason) => Causes(reason).Any(cause => cause is TimeoutException or OpenCircuitException);

    private static bool IsDamage(Exception reason) => Causes(reason).Any(cause => cause
        is DamagedRecordException or DamagedPieceException or DamagedSnapshotException or InvariantViolation
        or SqliteException { SqliteErrorCode: SqliteCorrupt or SqliteNotADatabase });

    private static IEnumerable<Exception> Causes(Exception reason)
    {
        for (var cause = reason; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
