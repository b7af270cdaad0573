using System.Diagnostics;

namespace RaftQueue.Chaos.Cluster;

/// <summary>The system's own tools: ip, nft, mount.</summary>
internal static class Shell
{
    /// <summary>Runs a tool to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has what it said.</exception>
    public static string Run(string tool, params IEnumerable<string> arguments) => Feed("", tool, arguments);

    /// <summary>Runs a tool that reads <paramref name="input"/>.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has what it said.</exception>
    public static string Feed(string input, string tool, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(tool, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{tool} does not start.");
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{tool} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {errors.Result.Trim()}");
    }

    /// <summary>Where a tool is, or null.</summary>
    public static string? Find(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':')
        .Append("/usr/sbin")
        .Append("/sbin")
        .Select(folder => Path.Combine(folder, tool))
        .FirstOrDefault(File.Exists);
}
