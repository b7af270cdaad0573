using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace RaftQueue.Contracts.Hocon;

/// <summary>Reads HOCON files whose includes are relative to the file that includes.</summary>
public static class HoconFile
{
    /// <summary>Reads a file with all that it includes.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RaftQueueConfigurationException">The file, or one that it includes, cannot be read or is not HOCON.</exception>
    public static Config Load(string path) => new(Parse(Path.GetFullPath(path), []));

    /// <summary>Reads several files; what stands in a later one wins.</summary>
    /// <param name="paths">At least one file.</param>
    /// <exception cref="RaftQueueConfigurationException">One of the files cannot be read or is not HOCON.</exception>
    public static Config Load(IEnumerable<string> paths) => paths.Select(Load).Aggregate((first, then) => then.WithFallback(first));

    private static HoconRoot Parse(string path, IReadOnlyList<string> includedFrom)
    {
        if (includedFrom.Contains(path))
            throw new RaftQueueConfigurationException(path, $"includes itself, by way of {string.Join(", ", includedFrom)}.");
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            var from = includedFrom.Count > 0 ? $" (included from {includedFrom[^1]})" : "";
            throw new RaftQueueConfigurationException(path, $"cannot be read{from}: {problem.Message}", problem);
        }

        try
        {
            return Parser.Parse(text, included => Parse(Path.Combine(Path.GetDirectoryName(path)!, included), [.. includedFrom, path]));
        }
        catch (Exception problem) when (problem is FormatException or ConfigurationException or ArgumentException or InvalidOperationException)
        {
            throw new RaftQueueConfigurationException(path, $"is not well-formed HOCON: {problem.Message}", problem);
        }
    }
}
