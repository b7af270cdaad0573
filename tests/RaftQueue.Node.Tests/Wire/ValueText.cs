using System.Collections;
using System.Globalization;
using System.Reflection;

namespace RaftQueue.Node.Tests.Wire;

/// <summary>
/// A value written out to its leaves. Records that hold memory or arrays compare those by reference; written out, two values are equal when all they say is.
/// </summary>
internal static class ValueText
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        ReadOnlyMemory<byte> bytes => Convert.ToHexString(bytes.Span),
        Enum or Guid or TimeSpan => value.ToString()!,
        _ when value.GetType().IsPrimitive => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Of))}]",
        _ => $"{value.GetType().Name}({string.Join(", ", PartsOf(value.GetType()).Select(part => $"{part.Name}: {Of(part.GetValue(value))}"))})",
    };

    /// <summary>What a value was made of: the parameters of its constructor and its init-only properties, nothing computed.</summary>
    public static IEnumerable<PropertyInfo> PartsOf(Type type)
    {
        var parameters = type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.Name!)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        return type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.CanWrite || parameters.Contains(property.Name));
    }
}
