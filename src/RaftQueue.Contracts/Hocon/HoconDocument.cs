using System.Text;

namespace RaftQueue.Contracts.Hocon;

/// <summary>A HOCON file with those that it includes, read and found complete.</summary>
internal sealed class HoconDocument
{
    private readonly HoconScanner _scanner;
    private readonly Dictionary<string, HoconDocument> _included = [];

    private HoconDocument(string path, string text, HoconScanner scanner) => (Path, Text, _scanner) = (path, text, scanner);

    /// <summary>The full path of the file.</summary>
    public string Path { get; }

    /// <summary>What it says, as the parser of Akka understands it.</summary>
    public string Text { get; private set; }

    /// <summary>Reads a file and those that it includes.</summary>
    /// <param name="path">The full path of the file.</param>
    /// <param name="read">Reads a text.</param>
    /// <param name="maxIncludes">The most files that may be included, at any depth.</param>
    /// <exception cref="RaftQueueConfigurationException">One of them cannot be read, or is not complete.</exception>
    public static HoconDocument Read(string path, Func<string, string> read, int maxIncludes) =>
        new Reader(read, maxIncludes).Read(path, []);

    /// <summary>The file that an include names.</summary>
    public HoconDocument Included(string name) => _included[name];

    /// <summary>The paths of all that it sets, in the order in which they count, and the file and line of each.</summary>
    public IEnumerable<(string Path, string Origin)> Origins() => Keys().Select(key => (string.Join('.', key.Path), key.Origin));

    private IEnumerable<(IReadOnlyList<string> Path, string Origin)> Keys() => _scanner.Includes
        .SelectMany(include => Included(include.File).Keys()
            .Select(key => ((IReadOnlyList<string>)[.. include.Block, .. key.Path], key.Origin)))
        .Concat(_scanner.Keys.Select(key => (key.Path, $"{Path}:{key.Line}")));

    // What the parser of Akka does not do: it knows no environment, an optional substitution is empty to it whatever it names, and it
    // refuses a comma after a block.
    private void Resolve()
    {
        var known = Origins().Select(key => key.Path).ToHashSet();
        var text = new StringBuilder(Text);
        foreach (var comma in _scanner.Commas)
            text[comma] = '\n';
        foreach (var reference in _scanner.References.Reverse())
        {
            var (span, replacement) = Resolve(reference, known);
            text.Remove(span.Start, span.Length).Insert(span.Start, replacement);
        }

        Text = text.ToString();
    }

    private static (HoconSpan Span, string Replacement) Resolve(HoconReference reference, HashSet<string> known)
    {
        if (known.Contains(reference.Name))
            return (reference.Span, $"${{{reference.Name}}}");
        if (Environment.GetEnvironmentVariable(reference.Name) is { Length: > 0 } value)
            return (reference.Span, $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"");
        if (!reference.IsOptional)
            throw new HoconSyntaxException(
                reference.Line, $"${{{reference.Name}}} names neither a key of this file nor a variable that is set.");
        return reference.Assignment is { } assignment ? (assignment, "") : (reference.Span, "\"\"");
    }

    private sealed class Reader(Func<string, string> read, int includesLeft)
    {
        private int _includesLeft = includesLeft;

        public HoconDocument Read(string path, IReadOnlyList<string> includedFrom, int includedAt = 0)
        {
            if (includedFrom.Contains(path))
                throw new RaftQueueConfigurationException(path, $"includes itself, by way of {string.Join(", ", includedFrom)}.");
            var text = ReadText(path, includedFrom.Count > 0 ? $" (included from {includedFrom[^1]}:{includedAt})" : "");
            try
            {
                var document = new HoconDocument(path, text, HoconScanner.Scan(text));
                foreach (var include in document._scanner.Includes)
                    document._included[include.File] = Read(Target(path, include), [.. includedFrom, path], include.Line);
                document.Resolve();
                return document;
            }
            catch (HoconSyntaxException problem)
            {
                throw new RaftQueueConfigurationException($"{path}:{problem.Line}", problem.Message, problem);
            }
        }

        private string Target(string path, HoconInclude include)
        {
            if (--_includesLeft < 0)
                throw new RaftQueueConfigurationException($"{path}:{include.Line}", "includes too many files, one within another.");
            return System.IO.Path.GetFullPath(include.File, System.IO.Path.GetDirectoryName(path)!);
        }

        private string ReadText(string path, string from)
        {
            try
            {
                return read(path);
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                throw new RaftQueueConfigurationException(path, $"cannot be read{from}: {problem.Message}", problem);
            }
        }
    }
}
