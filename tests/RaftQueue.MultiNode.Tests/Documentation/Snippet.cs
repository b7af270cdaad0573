using System.Text.RegularExpressions;
using RaftQueue.MultiNode.Tests.Programs;

namespace RaftQueue.MultiNode.Tests.Documentation;

/// <summary>A piece of C# or a command that a reader may copy.</summary>
/// <param name="Place">The file, from the root of the repository, and the line.</param>
/// <param name="Text">What it says.</param>
internal sealed partial record Snippet(string Place, string Text)
{
    /// <summary>The fenced blocks of C# in the documents, each a whole program.</summary>
    public static IEnumerable<Snippet> Programs() => Documents().SelectMany(file => Blocks(file, FencedCSharp()));

    /// <summary>The examples in the documentation of the code: statements.</summary>
    public static IEnumerable<Snippet> Examples() => Files("src", "*.cs").SelectMany(file => Blocks(file, ExampleOfCode()))
        .Select(block => block with { Text = string.Join('\n', block.Text.Split('\n').Select(line => line.TrimStart(' ', '/'))) });

    /// <summary>The commands in documents, in the settings' comments and at the head of the samples.</summary>
    public static IEnumerable<Snippet> Commands() => Documents().Concat(Files("hocon", "*.conf")).Concat(Files("samples", "Program.cs"))
        .SelectMany(file => Blocks(file, CommandLine()).Concat(Blocks(file, VerbOfTable())));

    private static IEnumerable<string> Documents() =>
    [
        Path.Combine(Repository.Root, "README.md"),
        Path.Combine(Repository.Root, "tests/RaftQueue.Chaos/README.md"),
        .. Files("docs", "*.md"),
    ];

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.GetFiles(Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories).Where(IsSource).Order(StringComparer.Ordinal);

    private static bool IsSource(string path) =>
        !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal);

    private static IEnumerable<Snippet> Blocks(string file, Regex pattern)
    {
        var text = File.ReadAllText(file);
        foreach (Match match in pattern.Matches(text))
        {
            var line = text.AsSpan(0, match.Index).Count('\n') + 1;
            yield return new Snippet($"{Path.GetRelativePath(Repository.Root, file)}:{line}", match.Groups["text"].Value.TrimEnd());
        }
    }

    [GeneratedRegex(@"^```csharp\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex FencedCSharp();

    [GeneratedRegex(@"^ */// <code>\n(?<text>.*?)^ */// </code>$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ExampleOfCode();

    [GeneratedRegex(@"^(?:    |#   |//   )?(?:[A-Z_]+=\S+ )*(?<text>dotnet (?:run|test) .*|raftqueue [^{\n]*)$", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    // A row of the README's table of verbs.
    [GeneratedRegex(@"^\| `(?<text>[a-z]+ --?[^`]*|member [^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex VerbOfTable();
}
