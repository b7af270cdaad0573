namespace RaftQueue.Contracts;

/// <summary>The name of a node: one server of the cluster, the same for all its groups and over all its restarts.</summary>
/// <param name="Value">1 to 64 characters of <c>a-z A-Z 0-9 . _ -</c>.</param>
public readonly record struct NodeId(string Value) : IComparable<NodeId>
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>Whether <paramref name="value"/> is a well-formed node name.</summary>
    public static bool IsValid(string? value) => NameRules.AreKept(value, MaxLength);

    /// <inheritdoc />
    public int CompareTo(NodeId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc />
    public override string ToString() => Value ?? "";
}

/// <summary>
/// One life of a node's data directory. A node whose data was wiped comes back with a new incarnation, and so cannot vote under the identity
/// whose promises it has forgotten.
/// </summary>
/// <param name="Value">A random id, made when the data directory is first used; <see cref="Guid.Empty"/> while nobody knows it yet.</param>
public readonly record struct Incarnation(Guid Value)
{
    /// <summary>Not known yet: a member that has not been heard since the cluster was formed.</summary>
    public static readonly Incarnation Unknown = new(Guid.Empty);

    /// <summary>Whether this incarnation has been learnt.</summary>
    public bool IsKnown => Value != Guid.Empty;

    /// <inheritdoc />
    public override string ToString() => IsKnown ? Value.ToString("N")[..8] : "unknown";
}

/// <summary>One Raft group of the node: its own log, leader and journal. Every queue belongs to one group.</summary>
/// <param name="Value">The number of the group, from 0.</param>
public readonly record struct GroupId(int Value) : IComparable<GroupId>
{
    /// <inheritdoc />
    public int CompareTo(GroupId other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>The name of a queue.</summary>
/// <param name="Value">1 to 128 characters of <c>a-z A-Z 0-9 . _ -</c>.</param>
public readonly record struct QueueName(string Value) : IComparable<QueueName>
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>Whether <paramref name="value"/> is a well-formed queue name.</summary>
    public static bool IsValid(string? value) => NameRules.AreKept(value, MaxLength);

    /// <summary>The group this queue belongs to: a hash of the name that is the same on every machine and in every version.</summary>
    /// <param name="groups">How many groups the cluster has; at least 1.</param>
    public GroupId GroupOf(int groups)
    {
        // FNV-1a: string.GetHashCode differs from process to process.
        uint hash = 2166136261;
        foreach (var character in Value)
            hash = (hash ^ character) * 16777619;
        return new GroupId((int)(hash % (uint)groups));
    }

    /// <inheritdoc />
    public int CompareTo(QueueName other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc />
    public override string ToString() => Value ?? "";
}

/// <summary>A producer, as the queue remembers it to store its retries only once.</summary>
/// <param name="Value">A random id, chosen by the client when it creates the producer.</param>
public readonly record struct ProducerId(Guid Value) : IComparable<ProducerId>
{
    /// <summary>A new producer.</summary>
    public static ProducerId New() => new(Guid.NewGuid());

    /// <inheritdoc />
    public int CompareTo(ProducerId other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => Value.ToString("N");
}

/// <summary>A consumer, as the queue remembers it to know who holds which lease.</summary>
/// <param name="Value">A random id, chosen by the client when it subscribes.</param>
public readonly record struct ConsumerId(Guid Value) : IComparable<ConsumerId>
{
    /// <summary>A new consumer.</summary>
    public static ConsumerId New() => new(Guid.NewGuid());

    /// <inheritdoc />
    public int CompareTo(ConsumerId other) => Value.CompareTo(other.Value);

    /// <inheritdoc />
    public override string ToString() => Value.ToString("N");
}

internal static class NameRules
{
    public static bool AreKept(string? value, int maxLength) =>
        value is { Length: > 0 } && value.Length <= maxLength && value.All(IsAllowed);

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
