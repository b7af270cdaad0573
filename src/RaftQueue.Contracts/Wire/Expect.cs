using Google.Protobuf;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>What a field must be to become a value of ours; anything else is a <see cref="MalformedException"/> that names it.</summary>
internal static class Expect
{
    private const int IdLength = 16;
    private static readonly long MaxMilliseconds = (long)TimeSpan.MaxValue.TotalMilliseconds;

    public static MalformedException Malformed(string problem) => new(RefusalCode.Malformed, problem);

    public static T Present<T>(T? part, string field)
        where T : class => part ?? throw Malformed($"{field} is missing");

    public static long Within(long value, long min, long max, string field) => value >= min && value <= max
        ? value
        : throw new MalformedException(RefusalCode.OutOfBounds, $"{field} is {value}, but must be {Range(min, max)}");

    public static int Within(int value, int min, int max, string field) => (int)Within((long)value, min, max == int.MaxValue ? long.MaxValue : max, field);

    public static TimeSpan Within(TimeSpan value, TimeSpan min, TimeSpan max, string field) => value >= min && value <= max
        ? value
        : throw new MalformedException(RefusalCode.OutOfBounds, $"{field} is {value}, but must be {min} to {max}");

    public static long NotNegative(long value, string field) => Within(value, 0, long.MaxValue, field);

    public static int NotNegative(int value, string field) => Within(value, 0, int.MaxValue, field);

    public static Term Term(long value, string field) => new(NotNegative(value, field));

    public static LogIndex Index(long value, string field) => new(Within(value, 0, LogIndex.Largest.Value, field));

    public static LogTime Time(long value, string field) => new(NotNegative(value, field));

    /// <summary>The time of an entry. What is added to it (a lease, a delay, a time to live) cannot overflow.</summary>
    public static LogTime Stamp(long value, string field) => new(Within(value, 0, LogTime.Latest.Milliseconds, field));

    public static GroupId Group(int value) => new(NotNegative(value, "group"));

    public static TimeSpan Span(long milliseconds, string field) =>
        TimeSpan.FromMilliseconds(Within(milliseconds, -MaxMilliseconds, MaxMilliseconds, field));

    public static NodeId Node(string value, string field) => NodeId.IsValid(value)
        ? new NodeId(value)
        : throw InvalidName(field, value, NodeId.MaxLength);

    public static NodeId? NodeOrNone(string value, string field) => value.Length == 0 ? null : Node(value, field);

    public static QueueName Queue(QueueName queue, string field = "queue") => QueueName.IsValid(queue.Value)
        ? queue
        : throw InvalidName(field, queue.Value, QueueName.MaxLength);

    public static QueueName Queue(string value, string field = "queue") => Queue(new QueueName(value), field);

    public static string Address(string value)
    {
        Within(value.Length, 0, Bounds.MaxAddressLength, "length of an address");
        return value;
    }

    public static Guid Id(ByteString bytes, string field) => bytes.Length == IdLength
        ? new Guid(bytes.Span, bigEndian: true)
        : throw Malformed($"{field} has {bytes.Length} bytes, but an id has {IdLength}");

    public static ConsumerId Consumer(ByteString bytes) => new(Id(bytes, "consumer"));

    public static Incarnation Incarnation(ByteString bytes, string field) =>
        bytes.IsEmpty ? Contracts.Incarnation.Unknown : new Incarnation(Id(bytes, field));

    private static MalformedException InvalidName(string field, string? value, int maxLength) => new(
        RefusalCode.InvalidName,
        $"{field} is \"{Quote.Short(value)}\" ({value?.Length ?? 0} characters), but a name is 1 to {maxLength} characters of a-z A-Z 0-9 . _ -");

    private static string Range(long min, long max) => max == long.MaxValue ? $"at least {min}" : $"{min} to {max}";
}
