using System.Buffers;
using System.Text;

namespace RaftQueue.Contracts.Queue;

/// <summary>
/// Messages packed one behind the other, as they travel from the producer through the log into the segments: written once, then only sliced.
/// Each is: flags, [delay ms], [time to live ms], [group key], properties, body; numbers and lengths are varints. Only what the broker acts on stands
/// outside the properties, which it never opens.
/// </summary>
/// <param name="Bytes">The packed messages.</param>
/// <param name="Count">How many there are.</param>
public readonly record struct MessageBlock(ReadOnlyMemory<byte> Bytes, int Count)
{
    /// <summary>Walks the messages in order.</summary>
    public Enumerator GetEnumerator() => new(Bytes, Count);

    /// <summary>Whether the bytes hold exactly <see cref="Count"/> well-formed messages, each within its bounds.</summary>
    /// <param name="problem">What is wrong, for people.</param>
    public bool IsWellFormed(out string problem)
    {
        var rest = Bytes;
        for (var i = 0; i < Count; i++)
        {
            if (!MessageView.TryRead(rest, out var message, out problem))
            {
                problem = $"message {i + 1} of {Count}: {problem}";
                return false;
            }

            rest = rest[message.Packed.Length..];
        }

        problem = rest.IsEmpty ? "" : $"{rest.Length} bytes follow the last of {Count} messages";
        return rest.IsEmpty;
    }

    /// <inheritdoc cref="GetEnumerator"/>
    public struct Enumerator
    {
        private ReadOnlyMemory<byte> _rest;
        private int _left;

        internal Enumerator(ReadOnlyMemory<byte> bytes, int count) => (_rest, _left, Current) = (bytes, count, default);

        /// <summary>The message at hand.</summary>
        public MessageView Current { get; private set; }

        /// <summary>Goes to the next message.</summary>
        /// <exception cref="FormatException">The block is damaged.</exception>
        public bool MoveNext()
        {
            if (_left == 0)
                return false;
            if (!MessageView.TryRead(_rest, out var message, out var problem))
                throw new FormatException($"A message block is damaged: {problem}.");
            Current = message;
            _rest = _rest[message.Packed.Length..];
            _left--;
            return true;
        }
    }
}

/// <summary>One packed message, seen in place.</summary>
/// <param name="Packed">All its bytes, as they lie in a block or a segment.</param>
/// <param name="Delay">How long it is to be held back; null for the queue's own delay.</param>
/// <param name="TimeToLive">How long it is to be kept; null for the queue's own.</param>
/// <param name="GroupKey">The UTF-8 key of its message group; empty for none.</param>
/// <param name="Properties">What the application says of it, opaque to the broker.</param>
/// <param name="Body">The payload, opaque to the broker.</param>
public readonly record struct MessageView(
    ReadOnlyMemory<byte> Packed,
    TimeSpan? Delay,
    TimeSpan? TimeToLive,
    ReadOnlyMemory<byte> GroupKey,
    ReadOnlyMemory<byte> Properties,
    ReadOnlyMemory<byte> Body)
{
    private const byte HasDelay = 1, HasTimeToLive = 2, HasGroup = 4, Known = HasDelay | HasTimeToLive | HasGroup;

    /// <summary>Appends a message in packed form.</summary>
    public static void Write(
        IBufferWriter<byte> output,
        TimeSpan? delay,
        TimeSpan? timeToLive,
        string? groupKey,
        ReadOnlySpan<byte> properties,
        ReadOnlySpan<byte> body)
    {
        var flags = (delay is null ? 0 : HasDelay) | (timeToLive is null ? 0 : HasTimeToLive) | (string.IsNullOrEmpty(groupKey) ? 0 : HasGroup);
        Varint.Write(output, (ulong)flags);
        if (delay is { } held)
            Varint.Write(output, (ulong)LogTime.MillisecondsOf(held));
        if (timeToLive is { } kept)
            Varint.Write(output, (ulong)LogTime.MillisecondsOf(kept));
        if (!string.IsNullOrEmpty(groupKey))
            Varint.WriteBytes(output, Encoding.UTF8.GetBytes(groupKey));
        Varint.WriteBytes(output, properties);
        Varint.WriteBytes(output, body);
    }

    /// <summary>Reads the message at the start of <paramref name="bytes"/>.</summary>
    /// <returns>False, with the problem named, where there is no well-formed message within the bounds.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out MessageView message, out string problem)
    {
        message = default;
        var reader = new Varint.Reader(bytes);
        TimeSpan? delay = null, timeToLive = null;
        ReadOnlyMemory<byte> groupKey = default;

        if (!reader.TryRead(out var flags) || (flags & ~(ulong)Known) != 0)
            return Fail("its flags are missing or unknown", out problem);
        if ((flags & HasDelay) != 0 && !reader.TryReadMilliseconds(Bounds.MaxDelay, out delay))
            return Fail($"its delay is malformed or beyond {Bounds.MaxDelay.TotalDays} days", out problem);
        if ((flags & HasTimeToLive) != 0 && !reader.TryReadMilliseconds(Bounds.MaxTimeToLive, out timeToLive))
            return Fail($"its time to live is malformed or beyond {Bounds.MaxTimeToLive.TotalDays} days", out problem);
        if ((flags & HasGroup) != 0 && (!reader.TryReadBytes(out groupKey) || groupKey.Length is 0 or > Bounds.MaxGroupKeyBytes))
            return Fail($"its group key is malformed or longer than {Bounds.MaxGroupKeyBytes} bytes", out problem);
        if (!reader.TryReadBytes(out var properties) || !reader.TryReadBytes(out var body))
            return Fail("its properties or body are cut short", out problem);
        if (reader.Position > Bounds.MaxMessageBytes)
            return Fail($"it has {reader.Position} bytes, over the limit of {Bounds.MaxMessageBytes}", out problem);

        message = new MessageView(bytes[..reader.Position], delay, timeToLive, groupKey, properties, body);
        problem = "";
        return true;
    }

    private static bool Fail(string what, out string problem)
    {
        problem = what;
        return false;
    }
}
