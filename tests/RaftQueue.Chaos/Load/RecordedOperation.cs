using RaftQueue.Chaos.History;
using RaftQueue.Client;

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
        catch (RaftQueueException problem)
        {
            return (problem.OutcomeUnknown ? Outcome.Unknown : Outcome.Refused, null, problem.Message);
        }
        catch (Exception closed) when (closed is ObjectDisposedException or OperationCanceledException)
        {
            return (Outcome.Unknown, null, closed.Message);
        }
    }
}
