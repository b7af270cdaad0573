namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>A server's log in the scenes that every operator sees: it says what happened, once.</summary>
[Collection(ProgramsCollection.Name)]
public sealed class ServerLogTests
{
    [Fact]
    [Trait("Category", "Fault")]
    public async Task F19_A_killed_node_makes_one_line_on_the_others_and_one_when_it_is_back_and_a_clean_stop_none()
    {
        await using var servers = await Servers.StartAsync("hocon", 3);
        await servers.AgreeAsync();
        await servers.KillAsync("n3");
        var one = servers.Running["n1"];
        await HasLoggedAsync(one, "No connection to node n3");
        servers.Start("n3");
        await HasLoggedAsync(one, "The connection to node n3");

        // One of three is down, so that nobody is told by Akka.Cluster that the other has left.
        await servers.KillAsync("n3");
        Assert.True(await one.TerminateAsync(TimeSpan.FromSeconds(30)) == 0, one.Output + one.Errors);

        var warnings = one.Output.Split('\n').Where(line => line.Contains(" warn ", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain("ERROR", one.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("timed out", one.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing passes", one.Output, StringComparison.Ordinal);
        Assert.All(warnings, line => Assert.DoesNotContain("associat", line, StringComparison.OrdinalIgnoreCase));
        Assert.InRange(warnings.Count(line => line.Contains("No connection to node n3", StringComparison.Ordinal)), 1, 2);
    }

    private static async Task HasLoggedAsync(RunningProgram server, string text)
    {
        using var deadline = new CancellationTokenSource(Programs.Deadline);
        while (!server.Output.Contains(text, StringComparison.Ordinal))
            await Task.Delay(50, deadline.Token);
    }
}
