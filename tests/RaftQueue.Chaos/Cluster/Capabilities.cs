namespace RaftQueue.Chaos.Cluster;

/// <summary>What this machine lets the harness do. What it does not is skipped, with the reason.</summary>
public sealed class Capabilities
{
    private Capabilities(string? whyNoNamespaces, string? whyNoTmpfs, string? fakeTimeLibrary) =>
        (WhyNoNamespaces, WhyNoTmpfs, FakeTimeLibrary) = (whyNoNamespaces, whyNoTmpfs, fakeTimeLibrary);

    /// <summary>Why nodes cannot have networks of their own; null if they can.</summary>
    public string? WhyNoNamespaces { get; }

    /// <summary>Why a disk cannot be made small; null if it can.</summary>
    public string? WhyNoTmpfs { get; }

    /// <summary>The library that makes a process believe in another time, or null.</summary>
    public string? FakeTimeLibrary { get; }

    /// <summary>Why clocks cannot jump; null if they can.</summary>
    public string? WhyNoClock => FakeTimeLibrary is null ? "faketime is not installed" : null;

    /// <summary>Tries what it takes.</summary>
    public static Capabilities Probe() => new(ProbeNamespaces(), ProbeTmpfs(), FindFakeTime());

    private static string? ProbeNamespaces()
    {
        if (!Environment.IsPrivilegedProcess)
            return "networks of their own need root";
        foreach (var tool in (string[])["ip", "nft", "tc"])
        {
            if (Shell.Find(tool) is null)
                return $"{tool} is not installed";
        }

        return Try(() =>
        {
            var name = $"rqprobe{Environment.ProcessId:x}";
            Shell.Run("ip", "netns", "add", name);
            try
            {
                Shell.Run("ip", "netns", "exec", name, "nft", "list", "ruleset");
            }
            finally
            {
                Shell.Run("ip", "netns", "del", name);
            }
        });
    }

    private static string? ProbeTmpfs()
    {
        if (!Environment.IsPrivilegedProcess)
            return "a small disk needs root";
        return Try(() =>
        {
            var folder = Directory.CreateTempSubdirectory("rqprobe");
            Shell.Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.FullName);
            Shell.Run("umount", folder.FullName);
            folder.Delete();
        });
    }

    private static string? FindFakeTime() => ((string[])["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"])
        .Select(folder => Path.Combine(folder, "faketime", "libfaketimeMT.so.1"))
        .FirstOrDefault(File.Exists);

    private static string? Try(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (InvalidOperationException problem)
        {
            return problem.Message;
        }
    }
}
