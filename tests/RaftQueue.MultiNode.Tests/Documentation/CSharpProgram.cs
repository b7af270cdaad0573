using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RaftQueue.MultiNode.Tests.Documentation;

/// <summary>A program in one file, compiled as in a new console project that references what these tests do.</summary>
internal sealed class CSharpProgram
{
    // What a new console project takes for granted.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly Lazy<MetadataReference[]> s_references = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    // As every project does: an older assembly was asked for than is there.
    private static readonly Dictionary<string, ReportDiagnostic> s_ignored =
        new() { ["CS1701"] = ReportDiagnostic.Suppress, ["CS1702"] = ReportDiagnostic.Suppress };

    private readonly CSharpCompilation _compilation;

    public CSharpProgram(string text, string moreUsings = "")
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        _compilation = CSharpCompilation.Create(
            $"Snippet{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(text, options), CSharpSyntaxTree.ParseText($"{ImplicitUsings}\n{moreUsings}", options)],
            s_references.Value,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication)
                .WithNullableContextOptions(NullableContextOptions.Enable)
                .WithSpecificDiagnosticOptions(s_ignored));
    }

    /// <summary>Errors and warnings of the compiler, with their lines.</summary>
    public IReadOnlyList<string> Problems =>
        [.. _compilation.GetDiagnostics().Where(found => found.Severity >= DiagnosticSeverity.Warning).Select(found => found.ToString())];

    /// <summary>Runs it in this process.</summary>
    /// <returns>Completes when the program has ended.</returns>
    public Task RunAsync()
    {
        using var image = new MemoryStream();
        Assert.True(_compilation.Emit(image).Success, string.Join('\n', Problems));
        var main = Assembly.Load(image.ToArray()).EntryPoint!;
        return Task.Factory.StartNew(() => main.Invoke(null, [Array.Empty<string>()]), TaskCreationOptions.LongRunning);
    }
}
