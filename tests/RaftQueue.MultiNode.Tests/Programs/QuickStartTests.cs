using System.Text.RegularExpressions;

namespace RaftQueue.MultiNode.Tests.Programs;

[Collection(ProgramsCollection.Name)]
public sealed partial class QuickStartTests
{
    [Fact]
    public async Task QuickStart_kills_the_leader_and_loses_nothing()
    {
        await using var quickStart = RunningProgram.Start(Programs.QuickStart, []);
        var exitCode = await quickStart.ExitAsync(Programs.Deadline);
        Assert.True(exitCode == 0, $"exit code {exitCode}\n{quickStart.Output}\n{quickStart.Errors}");
        Assert.Contains("SIGKILL", quickStart.Output, StringComparison.Ordinal);
        var last = Conclusion().Match(quickStart.Output.TrimEnd().Split('\n')[^1]);
        Assert.True(last.Success, quickStart.Output);
        Assert.Equal(last.Groups["sent"].Value, last.Groups["received"].Value);
        Assert.NotEqual("0", last.Groups["sent"].Value);
        Assert.False(Directory.Exists(Folder().Match(quickStart.Output).Value), "The temporary folder is still there.");
    }

    [Fact]
    public async Task QuickStart_leaves_nothing_behind_when_it_is_stopped()
    {
        await using var quickStart = RunningProgram.Start(Programs.QuickStart, []);
        using var deadline = new CancellationTokenSource(Programs.Deadline);
        while (!Folder().IsMatch(quickStart.Output))
            await Task.Delay(20, deadline.Token);
        Assert.Equal(130, await quickStart.TerminateAsync(Programs.Deadline));
        Assert.False(Directory.Exists(Folder().Match(quickStart.Output).Value), "The temporary folder is still there.");
    }

    [GeneratedRegex(@"^sent (?<sent>\d+), confirmed \d+, received (?<received>\d+), lost 0, stored twice 0$")]
    private static partial Regex Conclusion();

    [GeneratedRegex(@"\S*raftqueue-quickstart-\w+")]
    private static partial Regex Folder();
}
