namespace RaftQueue.Simulation.Transcripts;

/// <summary>One scenario: its file, an introduction that cites the paper, and the script.</summary>
/// <param name="FileName">Without folder; sorted, they read as a course.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Introduction">For someone new to Raft.</param>
/// <param name="Play">Plays it.</param>
public sealed record Transcript(string FileName, string Title, string Introduction, Func<Script> Play)
{
    /// <summary>All the scenarios.</summary>
    public static IReadOnlyList<Transcript> All { get; } = [.. ElectionScenarios.All, .. ReplicationScenarios.All, .. MembershipScenarios.All];

    /// <summary>The whole file.</summary>
    public string Render() => $"""
        {Title}
        {new string('=', Title.Length)}

        {Introduction}

        {Play().Text.TrimEnd()}

        """.ReplaceLineEndings("\n");
}
