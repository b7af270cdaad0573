using System.Security.Cryptography;

namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>A file of lines on its way through Producer, the servers and Consumer.</summary>
internal static class Lines
{
    private const string Queue = "lines";

    /// <summary>Writes lines of different lengths, with text that is not ASCII among them.</summary>
    public static void Write(string path, int count) =>
        File.WriteAllLines(path, Enumerable.Range(1, count).Select(i => $"{i} café {new string((char)('a' + (i % 26)), i % 80)}"));

    public static RunningProgram Produce(Servers servers, string path) =>
        RunningProgram.Start(Programs.Producer, ["--config", servers.ClientFile, "--queue", Queue, "--file", path]);

    public static RunningProgram Consume(Servers servers, params string[] until) =>
        RunningProgram.Start(Programs.Consumer, ["--config", servers.ClientFile, "--queue", Queue, .. until]);

    public static async Task SucceedAsync(RunningProgram program)
    {
        var exitCode = await program.ExitAsync(Programs.Deadline);
        Assert.True(exitCode == 0, $"exit code {exitCode}: {program.Errors}");
    }

    public static async Task<long> StoredAsync(Servers servers) => (await servers.Client.GetQueueStatsAsync(Queue)).Enqueued;

    public static void AssertSame(string path, RunningProgram consumer)
    {
        var (sent, received) = (File.ReadAllText(path), consumer.Output);
        Assert.True(sent == received, $"{Describe(sent)} were sent, {Describe(received)} received. {consumer.Errors}");
    }

    private static string Describe(string text) =>
        $"{text.Count(c => c == '\n')} lines ({Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)))[..8]})";
}
