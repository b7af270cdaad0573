using System.Collections.Immutable;
using RaftQueue.Contracts;

namespace RaftQueue.Core.Raft;

/// <summary>
/// Something that entries of the log set from their place on. A truncation undoes it. There is always a first value; the list is short, because what a snapshot covers
/// is forgotten.
/// </summary>
internal readonly record struct History<T>(ImmutableArray<(LogIndex Index, T Value)> Settings)
{
    public T Latest => Settings[^1].Value;

    public LogIndex LatestIndex => Settings[^1].Index;

    public T At(LogIndex index)
    {
        for (var i = Settings.Length - 1; i > 0; i--)
        {
            if (Settings[i].Index <= index)
                return Settings[i].Value;
        }

        return Settings[0].Value;
    }

    public History<T> With(LogIndex index, T value) => new(Settings.Add((index, value)));

    /// <summary>Without what was set at <paramref name="index"/> or later.</summary>
    public History<T> Before(LogIndex index) => LatestIndex < index ? this : new([.. Settings.Where(setting => setting.Index < index)]);

    /// <summary>Without what was overridden at or before <paramref name="index"/>.</summary>
    public History<T> From(LogIndex index)
    {
        var first = 0;
        while (first + 1 < Settings.Length && Settings[first + 1].Index <= index)
            first++;
        return first == 0 ? this : new(Settings.RemoveRange(0, first));
    }
}

/// <summary>Begins a <see cref="History{T}"/>.</summary>
internal static class History
{
    public static History<T> Of<T>(LogIndex index, T value) => new([(index, value)]);
}
