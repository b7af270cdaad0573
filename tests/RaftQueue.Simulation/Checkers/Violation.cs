namespace RaftQueue.Simulation.Checkers;

/// <summary>A promise was broken. It ends the schedule at once, so that the trace ends where the trouble began.</summary>
public sealed class Violation(string checker, string what) : Exception($"{checker}: {what}")
{
    /// <summary>Which checker saw it.</summary>
    public string Checker { get; } = checker;
}
