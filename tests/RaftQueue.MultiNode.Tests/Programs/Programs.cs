namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>The programs, and how long they may take on a busy machine.</summary>
internal static class Programs
{
    public const string Server = "src/RaftQueue.Server";
    public const string Producer = "samples/Producer";
    public const string Consumer = "samples/Consumer";
    public const string QuickStart = "samples/QuickStart";

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
}
