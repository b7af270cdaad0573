using RaftQueue.Chaos.History;
using RaftQueue.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Chaos.Load;

/// <summary>Runs an operation between its invocation and its completion in the history.</summary>
internal static class RecordedOperation
{
    /// <summary>Whatever happens to it, it completes with what is known.</summary>
    public static async Task<Outcome> RunAsync(HistoryRecorder recorder, Func<double, long, Invoked> call, Func<Task<long[]?>> operation)
    {
        var op = recorder.NextOp();
        recorder.Record(at => call(at, op));
        var (outcome, sequences, detail) = await AttemptAsync(operation);
        recorder.Record(at => new Completed(at, op, outcome, sequences, detail));
        return outcome;
    }

    private static async Task<(Outcome Outcome, long[]? Sequences, string? Detail)> AttemptAsync(Func<Task<long[]?>> operation)
    {
        try
        {
            return (Outcome.Ok, await operation(), null);
        }
        catch (RequestTimeoutException timeout)
        {
            return (timeout.MayHaveHappened ? Outcome.Unknown : Outcome.Refused, null, timeout.Message);
        }
        catch (StaleLeaseException stale)
        {
            return (stale.MayHaveBeenSettled ? Outcome.Unknown : Outcome.Refused, null, stale.Message);
        }
        catch (RaftQueueException refused)
        {
            return (refused.Code is RefusalCode.SequenceForgotten or RefusalCode.Unknown ? Outcome.Unknown : Outcome.Refused, null, refused.Message);
        }
        catch (Exception closed) when (closed is ObjectDisposedException or OperationCanceledException)
        {
            return (Outcome.Unknown, null, closed.Message);
        }
    }
}
