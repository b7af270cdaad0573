using RaftQueue.Contracts;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Queue;

// Full segments that are stored leave memory, and come back before consumers reach them (P7): the disk, not memory, bounds a backlog.
internal sealed partial class QueueHost
{
    private const int ReadsAtOnce = 4;
    private const int MaxWaitingQuestions = 64;
    private const int MessagesAhead = 4_096;
    private const int MaxBytesAhead = 8 * 1024 * 1024;

    private readonly SegmentReads _reads = new(ReadsAtOnce);
    private readonly WaitingQuestions _questions = new(MaxWaitingQuestions);

    // What each queue has handed out since it was last looked ahead in.
    private readonly Dictionary<QueueName, (int Messages, long Bytes)> _served = [];

    private long BytesAhead => Math.Min(MaxBytesAhead, _settings.SegmentCacheBytes / 4);

    private void Want(long segment)
    {
        _reads.Want(segment, Now);
        StartReads();
    }

    private void StartReads()
    {
        while (_reads.TryStart(out var segment))
        {
            if (_machine.PieceOf(segment) is { } piece)
                _snapshots.Tell(new ReadSegment(segment, piece), Self);
            else
                _reads.Finish(segment); // its last message has gone meanwhile
        }
    }

    private void TakeIn(SegmentRead read)
    {
        if (!_reads.Finish(read.Segment))
            return;
        _machine.Load(read.Segment, read.Bytes);
        GoOnWithBodies();
    }

    private void TakeIn(SegmentUnreadable unreadable)
    {
        if (!_reads.Finish(unreadable.Segment))
            return;
        if (_machine.PieceOf(unreadable.Segment) is { } piece)
            throw new InvalidOperationException($"Segment {unreadable.Segment} of the queues ('{piece}') cannot be read back: {Trouble.WithRemedy(unreadable.Cause)}", unreadable.Cause);
        GoOnWithBodies();
    }

    // Whoever waited is served before anything is evicted: even a cache without room makes progress.
    private void GoOnWithBodies()
    {
        _subscriptions.Flush(Send);
        _answers.RemoveAll(TryComplete);
        AnswerWaitingQuestions();
        PackWhatWaits();
        TrimCache();
        StartReads();
    }

    private void TrimCache() => _machine.EvictTo(_settings.SegmentCacheBytes, _questions.Kept);

    private void LookAhead(QueueName queue, IReadOnlyList<Lease> leases)
    {
        if (_machine.EvictedSegments == 0 || BytesAhead == 0)
            return;
        var isKnown = _served.TryGetValue(queue, out var served);
        foreach (var lease in leases)
            served = (served.Messages + 1, served.Bytes + lease.Body.Length);
        var isDue = !isKnown || served.Messages >= MessagesAhead / 4 || served.Bytes >= BytesAhead / 4;
        _served[queue] = isDue ? (0, 0) : served;
        if (!isDue)
            return;
        foreach (var segment in _machine.SegmentsAhead(queue, MessagesAhead, BytesAhead))
            Want(segment);
    }

    private void Answer(AskQuery question)
    {
        if (!_unsent.HasRoom)
            question.Origin.Answer(TooMuchUnsent(), Self);
        else if (_machine.SegmentsNeededBy(question.Query).Count == 0 || !_questions.TryAdd(question))
            Answer(question.Origin, _machine.Query(question.Query));
        else
            AnswerWaitingQuestions();
    }

    private void AnswerWaitingQuestions()
    {
        while (_questions.TryPeek(out var question))
        {
            var needed = _machine.SegmentsNeededBy(question.Query);
            if (needed.Count > 0)
            {
                _questions.Kept.UnionWith(needed);
                foreach (var segment in needed)
                    Want(segment);
                return;
            }

            Answer(question.Origin, _unsent.HasRoom ? _machine.Query(question.Query) : TooMuchUnsent());
            _questions.Dequeue();
        }
    }

    private void ForgetReads()
    {
        _reads.Clear();
        _questions.Kept.Clear();
    }
}
