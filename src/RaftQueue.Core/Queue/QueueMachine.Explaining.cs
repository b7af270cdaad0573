using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Core.Queue;

/// <content>The history of one message, out of the log.</content>
public sealed partial class QueueMachine
{
    /// <summary>
    /// Replays committed entries on a machine that was made for this (a new one, or one out of a snapshot) and tells what became of one message. It is all in the
    /// log: to whom a message was delivered follows from applying it. The machine must not be used for anything else afterwards.
    /// </summary>
    /// <param name="question">Which message.</param>
    /// <param name="entries">The committed entries, from the one after <see cref="AppliedIndex"/>, without gap.</param>
    /// <returns><see cref="Explained"/>, or a refusal where there is no such queue, or no message has that number yet.</returns>
    /// <exception cref="MalformedException">An entry is no command of this version.</exception>
    public IReply Explain(ExplainMessage question, IEnumerable<Entry> entries)
    {
        var (since, sinceTime, before) = (AppliedIndex, Now, StandingOf(question));
        var watch = new MessageWatch(question.Queue, question.Sequence);
        _state.Effects.Watch = watch;
        foreach (var entry in entries)
        {
            if (entry.Kind == EntryKind.Command)
                Apply(entry.Index, entry.Stamp, CommandCodec.Decode(entry.Payload));
            else
                Advance(entry.Index, entry.Stamp);
        }

        if (watch.Events.Count == 0 && !_state.TryFind(question.Queue, out _))
            return Refusals.UnknownQueue(question.Queue);
        var now = StandingOf(question);
        if (watch.Events.Count == 0 && now == MessageStanding.NotEnqueued)
            return Refusals.NotEnqueuedYet(question.Queue, question.Sequence, NextSequenceOf(question.Queue));
        return new Explained(
            question.Queue, question.Sequence, since, sinceTime, AppliedIndex, before, now, [.. watch.Events], watch.IsComplete);
    }

    private long NextSequenceOf(QueueName name) => _state.TryFind(name, out var queue) ? queue.Backlog.NextSequence : 1;

    private MessageStanding StandingOf(ExplainMessage question)
    {
        if (!_state.TryFind(question.Queue, out var queue) || question.Sequence >= queue.Backlog.NextSequence)
            return MessageStanding.NotEnqueued;
        if (!queue.Backlog.TryFind(question.Sequence, out var message))
            return MessageStanding.Gone;
        return message.Ref.State switch
        {
            MessageState.Delayed => MessageStanding.Delayed,
            MessageState.Leased => MessageStanding.Leased,
            _ => MessageStanding.Ready,
        };
    }
}
