namespace RaftQueue.Contracts.Wire;

/// <summary>
/// A record of the journal cannot be believed. The replica must not start with a shorter memory instead: it would break the promises it has forgotten.
/// </summary>
/// <param name="number">The number that the record bears, as far as it can be read.</param>
/// <param name="message">What was found.</param>
/// <param name="cause">What found it; null where we found it ourselves.</param>
public sealed class DamagedRecordException(long? number, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The number that the record bears; null where not even that can be read. It is part of what may be damaged.</summary>
    public long? Number { get; } = number;
}
