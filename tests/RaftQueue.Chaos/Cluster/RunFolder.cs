using System.Diagnostics;

namespace RaftQueue.Chaos.Cluster;

/// <summary>
/// Everything that a run leaves on the machine, under one name: a temporary folder, and by its number processes, mounts, networks. What a harness that died has left is found by
/// that name and removed at the next start.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private const string Prefix = "raftqueue-chaos-";
    private static int s_runs;

    private RunFolder(string path, string id) => (FullPath, Id) = (path, id);

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <summary>A short name for what has to be named: at most 8 characters.</summary>
    public string Id { get; }

    /// <summary>Where the nodes' output is.</summary>
    public string Logs => Path.Combine(FullPath, "logs");

    /// <summary>Where the output is when all else has been removed; null if it goes as well. It always stays where <c>RAFTQUEUE_TEST_LOGS</c> names a folder, in there.</summary>
    public string? KeptLogs { get; private set; }

    /// <summary>Somebody has to read the output: it stays.</summary>
    public void KeepLogs() => KeepLogsIn(Path.GetTempPath());

    /// <summary>A fresh folder; leftovers of the dead go first.</summary>
    public static RunFolder Create()
    {
        SweepLeftovers();
        var id = $"{Environment.ProcessId:x}{(char)('a' + Interlocked.Increment(ref s_runs) % 26)}";
        var path = Path.Combine(Path.GetTempPath(), Prefix + id);
        Directory.CreateDirectory(Path.Combine(path, "logs"));
        File.WriteAllText(OwnerFile(path), $"{Environment.ProcessId} {StartOf(Environment.ProcessId)}");
        var folder = new RunFolder(path, id);
        if (Environment.GetEnvironmentVariable("RAFTQUEUE_TEST_LOGS") is { Length: > 0 } place)
            folder.KeepLogsIn(place);
        return folder;
    }

    /// <summary>Removes what harnesses that are no longer alive have left.</summary>
    public static void SweepLeftovers()
    {
        foreach (var path in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            if (!IsOwned(path))
                Remove(path, Path.GetFileName(path)[Prefix.Length..]);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (KeptLogs is not null)
        {
            Directory.CreateDirectory(KeptLogs);
            foreach (var log in Directory.GetFiles(Logs))
                File.Copy(log, Path.Combine(KeptLogs, Path.GetFileName(log)));
        }

        Remove(FullPath, Id);
    }

    private void KeepLogsIn(string place) => KeptLogs ??= Path.Combine(place, $"raftqueue-logs-{Id}-{DateTime.UtcNow:HHmmss}");

    private static void Remove(string path, string id)
    {
        KillNodesOf(path);
        NamespacedNetwork.Remove(id);
        foreach (var mount in MountsBelow(path))
            Shell.Run("umount", "-l", mount);
        Directory.Delete(path, recursive: true);
    }

    private static bool IsOwned(string path)
    {
        var owner = OwnerFile(path);
        if (!File.Exists(owner))
            return DateTime.UtcNow - Directory.GetCreationTimeUtc(path) < TimeSpan.FromMinutes(1); // it is just being made
        var parts = File.ReadAllText(owner).Split(' ');
        return parts is [var pid, var start] && int.TryParse(pid, out var process) && StartOf(process) == start;
    }

    // A process is known by its id and its start; ids come again.
    private static string StartOf(int process)
    {
        var stat = $"/proc/{process}/stat";
        return File.Exists(stat) ? File.ReadAllText(stat).Split(')')[^1].Split(' ')[20] : "";
    }

    private static void KillNodesOf(string path)
    {
        foreach (var process in Directory.GetDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)))
        {
            if (!Mentions(Path.Combine(process, "environ"), $"RAFTQUEUE_DATA={path}/"))
                continue;
            using var node = Process.GetProcessById(int.Parse(Path.GetFileName(process), System.Globalization.CultureInfo.InvariantCulture));
            node.Kill();
            node.WaitForExit();
        }
    }

    private static bool Mentions(string file, string text)
    {
        try
        {
            return File.ReadAllText(file).Contains(text, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended meanwhile, or is somebody else's
        }
    }

    private static List<string> MountsBelow(string path) =>
        [.. File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1]).Where(mount => mount.StartsWith(path + "/", StringComparison.Ordinal)).Reverse()];

    private static string OwnerFile(string path) => Path.Combine(path, "owner");
}
