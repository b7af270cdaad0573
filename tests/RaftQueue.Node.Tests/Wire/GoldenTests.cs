using System.Runtime.CompilerServices;
using Xunit;

namespace RaftQueue.Node.Tests.Wire;

/// <summary>
/// Bytes that were approved once. A difference means that nodes of two versions no longer understand each other or old journals: add fields instead. For a new
/// message, or where the format was never released: <c>RAFTQUEUE_APPROVE=1 dotnet test tests/RaftQueue.Node.Tests --filter FullyQualifiedName~Golden</c>.
/// </summary>
public sealed class GoldenTests
{
    private const int BytesPerLine = 32;
    private static readonly bool IsApproving = Environment.GetEnvironmentVariable("RAFTQUEUE_APPROVE") == "1";

    public static TheoryData<string> Names => RoundtripTests.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_are_as_they_were_approved(string name)
    {
        var sample = RoundtripTests.Named(name);
        var path = Path.Combine(Folder(), $"{name}.hex");
        if (IsApproving)
            File.WriteAllText(path, ToHex(sample.Bytes));

        Assert.True(File.Exists(path), $"{name} has no approved bytes; run with RAFTQUEUE_APPROVE=1 and commit {path}");
        var approved = File.ReadAllText(path);
        Assert.Equal(approved, ToHex(sample.Bytes));
        Assert.Equal(ValueText.Of(sample.Value), ValueText.Of(sample.Decode(FromHex(approved))));
    }

    [Fact]
    public void No_golden_file_is_left_without_its_message() =>
        Assert.Equal(
            Samples.All.Select(sample => sample.Name).Order(StringComparer.Ordinal),
            Directory.GetFiles(Folder(), "*.hex").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal));

    private static string ToHex(byte[] bytes) =>
        string.Concat(bytes.Chunk(BytesPerLine).Select(line => $"{Convert.ToHexStringLower(line)}\n"));

    private static byte[] FromHex(string hex) => Convert.FromHexString(hex.Replace("\n", "", StringComparison.Ordinal));

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "goldens");
}
