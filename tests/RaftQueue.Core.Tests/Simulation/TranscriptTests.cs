using RaftQueue.Simulation.Transcripts;
using Xunit;

namespace RaftQueue.Core.Tests.Simulation;

/// <summary>The transcripts are what happens; after a change that is meant: <c>dotnet run --project tests/RaftQueue.Simulation -- transcripts --write</c>.</summary>
public sealed class TranscriptTests
{
    public static TheoryData<string> Names => [.. Transcript.All.Select(transcript => transcript.FileName)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_transcript_is_what_happens(string name)
    {
        var path = Path.Combine(Folder(), name);

        Assert.True(File.Exists(path), $"{path} is missing; write it by: transcripts --write");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), Transcript.All.Single(transcript => transcript.FileName == name).Render());
    }

    [Fact]
    public void Every_transcript_file_has_its_scenario() =>
        Assert.Equal(Transcript.All.Select(transcript => transcript.FileName).Order(), Directory.GetFiles(Folder(), "*.txt").Select(Path.GetFileName).Order());

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RaftQueue.sln")))
            folder = folder.Parent;
        return Path.Combine(
            folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository: no RaftQueue.sln above them."),
            "tests/RaftQueue.Core.Tests/Transcripts");
    }
}
