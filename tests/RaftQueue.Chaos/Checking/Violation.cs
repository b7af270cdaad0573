namespace RaftQueue.Chaos.Checking;

/// <summary>A promise that was broken.</summary>
/// <param name="Rule">Which.</param>
/// <param name="What">How, with queue, sequence and times.</param>
public sealed record Violation(string Rule, string What);

/// <summary>A promise to clients, checked against what they saw.</summary>
public interface IRule
{
    /// <summary>The promise, in a few words.</summary>
    string Name { get; }

    /// <summary>Every place where the history breaks it.</summary>
    IEnumerable<string> Check(HistoryView history);
}
