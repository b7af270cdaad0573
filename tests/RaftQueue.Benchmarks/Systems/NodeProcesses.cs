using System.Diagnostics;
using System.Globalization;

namespace RaftQueue.Benchmarks.Systems;

/// <summary>The server processes of a cluster, and what the kernel counts of them.</summary>
public sealed class NodeProcesses(IReadOnlyList<int> ids)
{
    private const double TicksPerSecond = 100;

    /// <summary>No processes that this program may look at.</summary>
    public static readonly NodeProcesses None = new([]);

    /// <summary>How many nodes there are.</summary>
    public int Count => ids.Count;

    /// <summary>Ends a node without a warning, as a power cut would.</summary>
    public void Kill(int node)
    {
        using var process = Process.GetProcessById(ids[node]);
        process.Kill();
    }

    /// <summary>User and system seconds that each node has used; those of a dead one are not known any more.</summary>
    public double?[] CpuSeconds() => [.. ids.Select(CpuSecondsOf)];

    /// <summary>From now on peaks are counted anew.</summary>
    public void ResetPeaks()
    {
        foreach (var id in ids.Where(id => Directory.Exists($"/proc/{id}")))
            File.WriteAllText($"/proc/{id}/clear_refs", "5");
    }

    /// <summary>The most resident memory of each living node since <see cref="ResetPeaks"/>, in MiB.</summary>
    public double[] PeakMiB() => [.. ids.Select(id => StatusOf(id, "VmHWM:")).OfType<double>()];

    private static double? CpuSecondsOf(int id)
    {
        if (Read($"/proc/{id}/stat") is not { } stat)
            return null;
        // The command's name stands in brackets and may hold blanks; user and system time are fields 14 and 15.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
    }

    private static double? StatusOf(int id, string field)
    {
        var line = Read($"/proc/{id}/status")?.Split('\n').FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
        return line is null ? null : Number(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null; // the process is gone
        }
    }
}
