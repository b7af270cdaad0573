using System.Diagnostics.CodeAnalysis;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Queue;

/// <summary>Questions whose answers need segments that are not in memory: the first is read for, and the others wait behind it.</summary>
internal sealed class WaitingQuestions(int bound)
{
    private readonly Queue<AskQuery> _questions = new();

    /// <summary>The segments that stay in memory until the first question is answered.</summary>
    public HashSet<long> Kept { get; } = [];

    public bool TryAdd(AskQuery question)
    {
        if (_questions.Count >= bound)
            return false;
        _questions.Enqueue(question);
        return true;
    }

    public bool TryPeek([NotNullWhen(true)] out AskQuery? question) => _questions.TryPeek(out question);

    public void Dequeue()
    {
        _questions.Dequeue();
        Kept.Clear();
    }
}
