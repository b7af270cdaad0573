using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// Stands in for a message that came in and could not be read, so that its receiver can tell the sender, and count it. Never sent.
/// </summary>
/// <param name="Manifest">What it claimed to be.</param>
/// <param name="Refusal">What is wrong with it.</param>
public sealed record Unreadable(string Manifest, Refused Refusal);
