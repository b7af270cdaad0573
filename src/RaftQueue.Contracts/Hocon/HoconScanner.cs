using System.Text;

namespace RaftQueue.Contracts.Hocon;

/// <summary>A key of a HOCON text.</summary>
/// <param name="Path">Its names, from the root of the text.</param>
/// <param name="Line">The line on which it is.</param>
internal sealed record HoconKey(IReadOnlyList<string> Path, int Line);

/// <summary>An include of a HOCON text.</summary>
/// <param name="Block">The path of the block that it is in.</param>
/// <param name="File">The file, as written.</param>
/// <param name="Line">The line on which it is.</param>
internal sealed record HoconInclude(IReadOnlyList<string> Block, string File, int Line);

/// <summary>A part of a HOCON text.</summary>
internal readonly record struct HoconSpan(int Start, int Length);

/// <summary>A substitution of a HOCON text, such as <c>${?PORT}</c>.</summary>
/// <param name="Name">What it names.</param>
/// <param name="IsOptional">Whether nothing need be there by that name.</param>
/// <param name="Line">The line on which it is.</param>
/// <param name="Span">Where it is.</param>
/// <param name="Assignment">The key and its value, where the substitution is the whole value.</param>
internal sealed record HoconReference(string Name, bool IsOptional, int Line, HoconSpan Span, HoconSpan? Assignment);

/// <summary>A text is not HOCON.</summary>
internal sealed class HoconSyntaxException(int line, string problem) : Exception(problem)
{
    public int Line { get; } = line;
}

/// <summary>
/// Reads a HOCON text for its structure: which keys are on which line, and whether it is complete. The parser of Akka accepts a text
/// without its closing braces, and ignores what follows a brace too many; a truncated file would configure something else than it says.
/// </summary>
internal sealed class HoconScanner
{
    // Deeper than any configuration; the parser recurses.
    private const int MaxDepth = 64;

    private const string NotInUnquotedText = "$\"{}[]:=,#`^?!@*&\\";

    private readonly string _text;
    private readonly List<HoconKey> _keys = [];
    private readonly List<HoconInclude> _includes = [];
    private readonly List<HoconReference> _references = [];
    private readonly List<int> _commas = [];
    private int _position;
    private int _line = 1;
    private int _depth;

    private HoconScanner(string text) => _text = text;

    public IReadOnlyList<HoconKey> Keys => _keys;

    public IReadOnlyList<HoconInclude> Includes => _includes;

    /// <summary>In the order of the text.</summary>
    public IReadOnlyList<HoconReference> References => _references;

    /// <summary>Where the commas between members of blocks are.</summary>
    public IReadOnlyList<int> Commas => _commas;

    private bool IsAtEnd => _position >= _text.Length;

    private char Current => IsAtEnd ? '\0' : _text[_position];

    /// <exception cref="HoconSyntaxException">The text is not complete, or not HOCON.</exception>
    public static HoconScanner Scan(string text)
    {
        var scanner = new HoconScanner(text);
        scanner.ScanRoot();
        return scanner;
    }

    private void ScanRoot()
    {
        SkipBlank();
        if (Current == '{')
            ScanBlock([]);
        else
            ScanMembers([], openedAt: null);
        SkipBlank();
        if (!IsAtEnd)
            throw Refuse(Current == '}'
                ? "this } closes nothing; a brace was closed too early, or there is one too many."
                : Unexpected("after the last }"));
    }

    private void ScanBlock(IReadOnlyList<string> path)
    {
        var openedAt = Open();
        ScanMembers(path, openedAt);
        Close();
    }

    // Up to the brace that closes the block, or the end of the text where there is none to close.
    private void ScanMembers(IReadOnlyList<string> path, int? openedAt)
    {
        while (true)
        {
            SkipBlank();
            if (IsAtEnd && openedAt is { } line)
                throw new HoconSyntaxException(line, "the { of this line is never closed.");
            if (IsAtEnd || Current == '}')
                return;
            if (Current == ',')
                _commas.Add(_position++);
            else if (!TryScanInclude(path))
                ScanMember(path);
        }
    }

    private bool TryScanInclude(IReadOnlyList<string> block)
    {
        const string word = "include";
        var after = _position + word.Length;
        if (!_text.AsSpan(_position).StartsWith(word, StringComparison.Ordinal) || after >= _text.Length || _text[after] is not (' ' or '\t'))
            return false;
        while (after < _text.Length && _text[after] is ' ' or '\t')
            after++;
        if (after >= _text.Length || _text[after] != '"')
            return false;
        _position = after;
        _includes.Add(new HoconInclude(block, ScanQuoted(), _line));
        return true;
    }

    private void ScanMember(IReadOnlyList<string> block)
    {
        var (start, line) = (_position, _line);
        var path = new List<string>(block);
        do
            path.Add(ScanName());
        while (TryTake('.'));
        var name = path[^1];
        _keys.Add(new HoconKey(path, line));
        SkipBlank();
        if (Current == '{')
        {
            ScanBlock(path);
            return;
        }

        if (!TryTake('=') && !TryTake(':'))
            throw new HoconSyntaxException(line, $"\"{name}\" has no value: write {name} = value, or {name} {{ ... }}.");
        SkipBlank();
        if (ScanValue(path) == 1 && _references is [.., var last] && IsBlankFrom(last.Span.Start + last.Span.Length))
            _references[^1] = last with { Assignment = new HoconSpan(start, _position - start) };
    }

    private bool IsBlankFrom(int start) => _text.AsSpan(start, _position - start).IsWhiteSpace();

    private string ScanName()
    {
        SkipSpace();
        if (Current == '"')
        {
            var quoted = ScanQuoted();
            SkipSpace();
            return quoted;
        }

        var start = _position;
        while (!IsAtEnd && !IsComment() && Current is not ('.' or '\n') && !NotInUnquotedText.Contains(Current, StringComparison.Ordinal))
            _position++;
        var name = _text[start.._position].Trim();
        return name.Length > 0 ? name : throw Refuse(Unexpected("where a key should be"));
    }

    /// <returns>Of how many parts the value is.</returns>
    private int ScanValue(IReadOnlyList<string> path)
    {
        var parts = 0;
        for (; !IsEndOfValue(); parts++, SkipSpace())
            ScanPart(path);
        return parts > 0 ? parts : throw Refuse($"\"{path[^1]}\" has no value.");
    }

    private void ScanPart(IReadOnlyList<string> path)
    {
        switch (Current)
        {
            case '{':
                ScanBlock(path);
                break;
            case '[':
                ScanList(path);
                break;
            case '"':
                ScanQuoted();
                break;
            case '$':
                ScanSubstitution();
                break;
            default:
                ScanUnquoted();
                break;
        }
    }

    private void ScanList(IReadOnlyList<string> path)
    {
        var openedAt = Open();
        while (true)
        {
            SkipBlank();
            if (IsAtEnd || Current == '}')
                throw new HoconSyntaxException(openedAt, "the [ of this line is never closed.");
            if (Current == ']')
                break;
            if (Current == ',')
                Advance();
            else
                ScanPart(path);
        }

        Close();
    }

    private void ScanSubstitution()
    {
        var end = _text.IndexOfAny(['}', '\n'], _position);
        if (end < 0 || _text[end] == '\n' || !_text.AsSpan(_position).StartsWith("${"))
            throw Refuse("this $ begins no complete substitution, such as ${NAME}. Write a value that has a $ in it in quotes.");
        var name = _text[(_position + 2)..end].Trim();
        var isOptional = name.StartsWith('?');
        _references.Add(new HoconReference(
            isOptional ? name[1..].Trim() : name, isOptional, _line, new HoconSpan(_position, end + 1 - _position), Assignment: null));
        _position = end + 1;
    }

    private void ScanUnquoted()
    {
        var start = _position;
        while (!IsEndOfValue() && !NotInUnquotedText.Contains(Current, StringComparison.Ordinal))
            _position++;
        if (_position == start)
            throw Refuse($"{Unexpected("in a value")} Write the value in quotes.");
    }

    private string ScanQuoted()
    {
        var openedAt = _line;
        var quote = _text.AsSpan(_position).StartsWith("\"\"\"") ? "\"\"\"" : "\"";
        _position += quote.Length;
        var content = new StringBuilder();
        while (!IsAtEnd && !_text.AsSpan(_position).StartsWith(quote))
        {
            if (Current == '\n' && quote.Length == 1)
                break;
            if (Current == '\\' && quote.Length == 1)
                Advance();
            if (!IsAtEnd)
                content.Append(Current);
            Advance();
        }

        if (IsAtEnd || !_text.AsSpan(_position).StartsWith(quote))
            throw new HoconSyntaxException(openedAt, $"the {quote} of this line is never closed.");
        _position += quote.Length;
        return content.ToString();
    }

    private int Open()
    {
        if (++_depth > MaxDepth)
            throw Refuse($"blocks and lists are nested more than {MaxDepth} deep.");
        Advance();
        return _line;
    }

    private void Close()
    {
        _depth--;
        Advance();
    }

    private bool TryTake(char expected)
    {
        if (Current != expected)
            return false;
        Advance();
        return true;
    }

    private void Advance()
    {
        if (Current == '\n')
            _line++;
        _position++;
    }

    // White space, line ends and comments.
    private void SkipBlank()
    {
        while (!IsAtEnd)
        {
            if (IsComment())
                SkipLine();
            else if (char.IsWhiteSpace(Current))
                Advance();
            else
                return;
        }
    }

    private void SkipSpace()
    {
        while (!IsAtEnd && Current != '\n' && char.IsWhiteSpace(Current))
            Advance();
    }

    private void SkipLine()
    {
        while (!IsAtEnd && Current != '\n')
            Advance();
    }

    private bool IsEndOfValue() => IsAtEnd || IsComment() || Current is '\n' or ',' or '}' or ']';

    private bool IsComment() => Current == '#' || (Current == '/' && _position + 1 < _text.Length && _text[_position + 1] == '/');

    private string Unexpected(string where) => IsAtEnd ? $"the text ends {where}." : $"there is a {Current} {where}.";

    private HoconSyntaxException Refuse(string problem) => new(_line, problem);
}
