using RaftQueue.Contracts.Queue;

namespace RaftQueue.Samples.QuickStart;

/// <summary>Counts every message at every stage. Messages carry numbers from 0.</summary>
internal sealed class Tally(int messages)
{
    private readonly bool[] _isConfirmed = new bool[messages];
    private readonly long[] _sequences = new long[messages]; // where the consumer saw it in the queue; 0 for not yet
    private int _sent;
    private int _confirmed;
    private int _received;
    private int _repeated;

    public int Sent => _sent;

    public int Confirmed => _confirmed;

    public int Received => _received;

    /// <summary>Messages that the consumer saw at a second place in the queue. To see one again at the same place is a redelivery, and no second message.</summary>
    public int Repeated => _repeated;

    /// <summary>Messages that were confirmed and never came.</summary>
    public int Lost => Enumerable.Range(0, messages).Count(number => _isConfirmed[number] && _sequences[number] == 0);

    public void NoteSent() => Interlocked.Increment(ref _sent);

    public void NoteConfirmed(int number)
    {
        _isConfirmed[number] = true;
        Interlocked.Increment(ref _confirmed);
    }

    public void NoteReceived(int number, long sequence)
    {
        if (_sequences[number] == 0)
            Interlocked.Increment(ref _received);
        else if (_sequences[number] != sequence)
            _repeated++;
        _sequences[number] = sequence;
    }

    /// <summary>What is stored twice, by the consumer's word and by the queue's own: the worse of the two.</summary>
    public long StoredTwice(QueueStats stats) => Math.Max(_repeated, Math.Max(0, stats.Enqueued - Sent));
}
