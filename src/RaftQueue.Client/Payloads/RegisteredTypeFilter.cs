using System.Collections.Frozen;
using Hyperion;

namespace RaftQueue.Client.Payloads;

/// <summary>
/// Which type names payload bytes may hold: registered types, harmless types of the base library, and collections of these. Hyperion gives
/// full names when it writes and short ones when it reads, generic ones with their arguments; all are taken apart and every part is judged.
/// </summary>
internal sealed class RegisteredTypeFilter : ITypeFilter
{
    private static readonly Type[] Harmless =
    [
        typeof(object), typeof(string), typeof(bool), typeof(char), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint),
        typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan),
        typeof(DateOnly), typeof(TimeOnly), typeof(DayOfWeek), typeof(DateTimeKind), typeof(Version), typeof(System.Collections.DictionaryEntry),
        typeof(Nullable<>), typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(Queue<>), typeof(Stack<>), typeof(KeyValuePair<,>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>),
    ];

    private readonly FrozenSet<Type> _types;
    private readonly FrozenSet<string> _names;

    public RegisteredTypeFilter(IEnumerable<Type> registered)
    {
        _types = Harmless.Concat(registered).ToFrozenSet();
        // A registered generic type stands for its arguments too, or its name could not be read back.
        _names = _types.Select(NameOf).ToFrozenSet(StringComparer.Ordinal);
    }

    public bool IsAllowed(string typeName) =>
        TypeNameReader.TryRead(typeName, out var parts) && parts.TrueForAll(_names.Contains);

    /// <summary>The type, or the part of it, that is not allowed; null where all is.</summary>
    public Type? FirstStranger(Type type)
    {
        if (_types.Contains(type))
            return null;
        if (type.IsArray)
            return FirstStranger(type.GetElementType()!);
        return type.IsConstructedGenericType && _types.Contains(type.GetGenericTypeDefinition())
            ? type.GetGenericArguments().Select(FirstStranger).FirstOrDefault(stranger => stranger is not null)
            : type;
    }

    private static string NameOf(Type type)
    {
        var open = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        return TypeNameReader.PartOf(open.FullName!, open.Assembly.GetName().Name!);
    }
}
