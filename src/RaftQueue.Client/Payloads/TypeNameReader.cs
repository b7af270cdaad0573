namespace RaftQueue.Client.Payloads;

/// <summary>
/// Takes an assembly-qualified type name apart into the types it is made of: <c>List`1[[Order, Shop]], System.Private.CoreLib</c> is
/// <c>List`1</c> of the base library and <c>Order</c> of Shop. Versions, cultures and keys of assemblies do not matter.
/// </summary>
internal ref struct TypeNameReader
{
    private const string CoreLibrary = "System.Private.CoreLib";
    private const int MaxDepth = 16;

    private readonly ReadOnlySpan<char> _name;
    private readonly List<string> _parts;
    private int _position;

    private TypeNameReader(ReadOnlySpan<char> name, List<string> parts)
    {
        _name = name;
        _parts = parts;
    }

    /// <summary>The parts of a name; false where the name is malformed, which no reader should try to make sense of.</summary>
    public static bool TryRead(string name, out List<string> parts)
    {
        parts = [];
        var reader = new TypeNameReader(name, parts);
        return reader.TryReadType(MaxDepth) && reader._position == name.Length;
    }

    /// <summary>How a part is written: the type's full name and its assembly's simple name.</summary>
    public static string PartOf(string typeName, string assembly) => $"{typeName}, {assembly}";

    private bool TryReadType(int depth)
    {
        var type = ReadUntil("[],").Trim();
        if (type.IsEmpty || depth == 0)
            return false;
        if (Follows("[[") && !TryReadArguments(depth))
            return false;
        while (Follows("["))
        {
            _position++;
            ReadUntil("[]");
            if (!TryTake(']'))
                return false;
        }

        var assembly = CoreLibrary.AsSpan();
        for (var i = 0; TryTake(','); i++)
        {
            var attribute = ReadUntil("[],").Trim();
            if (i == 0)
                assembly = attribute;
        }

        _parts.Add(PartOf(type.ToString(), assembly.ToString()));
        return true;
    }

    private bool TryReadArguments(int depth)
    {
        _position++;
        do
        {
            if (!TryTake('[') || !TryReadType(depth - 1) || !TryTake(']'))
                return false;
        }
        while (TryTake(','));
        return TryTake(']');
    }

    private ReadOnlySpan<char> ReadUntil(string ends)
    {
        var rest = _name[_position..];
        var length = rest.IndexOfAny(ends);
        var read = length < 0 ? rest : rest[..length];
        _position += read.Length;
        return read;
    }

    private readonly bool Follows(string text) => _name[_position..].StartsWith(text, StringComparison.Ordinal);

    private bool TryTake(char expected)
    {
        if (_position >= _name.Length || _name[_position] != expected)
            return false;
        _position++;
        return true;
    }
}
