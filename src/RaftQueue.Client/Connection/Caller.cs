using Akka.Actor;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Client.Connection;

/// <summary>Requests as tasks: the way from the public API to the actors.</summary>
internal sealed class Caller(IActorRef calls, Ending ending, TimeSpan requestTimeout, TimeSpan attemptTimeout)
{
    public TimeSpan RequestTimeout => requestTimeout;

    public async Task<T> CommandAsync<T>(string what, IQueueCommand command, CancellationToken cancellation) where T : IReply =>
        Refusals.Expect<T>(await CommandAsync(what, command, TimeSpan.Zero, cancellation).ConfigureAwait(false));

    /// <summary>Sends a command to the leader of its queue.</summary>
    /// <param name="what">What it does, for people.</param>
    /// <param name="command">The command; it is repeated as it is, so its effect must be idempotent or its repetition harmless.</param>
    /// <param name="patience">How long the broker may take on purpose, on top of the time that requests have: the wait of a pull.</param>
    /// <param name="cancellation">Stops waiting; a command on the wire may still be carried out.</param>
    public Task<CallResult> CommandAsync(string what, IQueueCommand command, TimeSpan patience, CancellationToken cancellation)
    {
        Refusals.Check(command);
        ReadOnlyMemory<byte> bytes = CommandCodec.Encode(command);
        return CallAsync(
            new Call(what, new Target.LeaderOfQueue(command.Queue), (id, group) => new CommandRequest(id, group, bytes), requestTimeout + patience, attemptTimeout + patience),
            cancellation);
    }

    /// <summary>Asks a question.</summary>
    /// <param name="what">What it is about, for people.</param>
    /// <param name="target">Who is to answer.</param>
    /// <param name="query">The question.</param>
    /// <param name="cancellation">Stops waiting.</param>
    /// <param name="patience">How long the answer may take to be found, on top of the time that requests have.</param>
    public async Task<T> QueryAsync<T>(string what, Target target, IQuery query, CancellationToken cancellation, TimeSpan patience = default) where T : IReply
    {
        var call = new Call(what, target, (id, group) => new QueryRequest(id, group, query), requestTimeout + patience, attemptTimeout + patience);
        return Refusals.Expect<T>(await CallAsync(call, cancellation).ConfigureAwait(false));
    }

    public async Task<T> AdminAsync<T>(string what, Target target, IAdminCommand command, CancellationToken cancellation) where T : IReply
    {
        var call = new Call(what, target, (id, group) => new AdminRequest(id, group, command), requestTimeout, attemptTimeout);
        return Refusals.Expect<T>(await CallAsync(call, cancellation).ConfigureAwait(false));
    }

    private async Task<CallResult> CallAsync(Call call, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var registration = cancellation.UnsafeRegister(_ => call.Completion.TrySetCanceled(cancellation), null);
        using var end = ending.OnEnd(problem => call.Completion.TrySetException(problem));
        calls.Tell(call);
        return await call.Completion.Task.ConfigureAwait(false);
    }
}
