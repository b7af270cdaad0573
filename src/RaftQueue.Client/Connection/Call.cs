using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Connection;

/// <summary>A request that may be repeated until it is answered or its time is over.</summary>
/// <param name="What">What is asked, for people, such as "declare queue 'orders'".</param>
/// <param name="Target">Who is to answer.</param>
/// <param name="Message">What to send.</param>
/// <param name="Timeout">How long all attempts together may take.</param>
/// <param name="AttemptTimeout">How long one attempt may take.</param>
internal sealed record Call(string What, Target Target, WireMessage Message, TimeSpan Timeout, TimeSpan AttemptTimeout)
{
    /// <summary>Completed by the answer, a final refusal included. Its continuations never run on the actor.</summary>
    public TaskCompletionSource<CallResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The answer to a call.</summary>
/// <param name="Reply">The answer.</param>
/// <param name="OutcomeUnknown">
/// An attempt other than the answered one may have been carried out, or the answer itself leaves it open: see <see cref="RequestOutcome"/>.
/// </param>
internal sealed record CallResult(IReply Reply, bool OutcomeUnknown);
