using System.Text;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace RaftQueue.Contracts.Hocon;

/// <summary>Reads HOCON files whose includes are relative to the file that includes.</summary>
/// <remarks>
/// A file that is not complete is refused with its line, and settings that are refused later are named with the file and line that they
/// were read from. A substitution takes a key of the same file, or a variable of the environment; an optional one that finds neither, such
/// as <c>port = ${?PORT}</c>, leaves an earlier value as it is.
/// </remarks>
public static class HoconFile
{
    // Far more than any configuration; without a bound a device or a log given by mistake would fill the memory.
    private const int MaxBytes = 1024 * 1024;

    private const int MaxIncludes = 1000;

    /// <summary>Reads a file with all that it includes.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RaftQueueConfigurationException">The file, or one that it includes, cannot be read or is not HOCON.</exception>
    public static Config Load(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var document = HoconDocument.Read(Path.GetFullPath(path), ReadText, MaxIncludes);
        var root = Parse(document);
        SettingOrigins.Write(root.Value, document.Origins());
        return new Config(root);
    }

    /// <summary>Reads several files; what stands in a later one wins.</summary>
    /// <param name="paths">At least one file.</param>
    /// <exception cref="RaftQueueConfigurationException">One of the files cannot be read or is not HOCON.</exception>
    public static Config Load(IEnumerable<string> paths) => paths.Select(Load).Aggregate((first, then) => then.WithFallback(first));

    private static HoconRoot Parse(HoconDocument document)
    {
        try
        {
            return Parser.Parse(document.Text, included => Parse(document.Included(included)));
        }
        catch (Exception problem) when (problem is FormatException or ConfigurationException or ArgumentException or InvalidOperationException)
        {
            throw new RaftQueueConfigurationException(document.Path, $"is not well-formed HOCON: {problem.Message}", problem);
        }
    }

    private static string ReadText(string path)
    {
        if (Directory.Exists(path))
            throw new IOException("it is a directory.");
        using var file = File.OpenRead(path);
        var bytes = new byte[MaxBytes + 1];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > MaxBytes)
            throw new IOException($"it is larger than {MaxBytes} bytes.");
        using var reader = new StreamReader(new MemoryStream(bytes, 0, length), new UTF8Encoding(false, throwOnInvalidBytes: true));
        try
        {
            return reader.ReadToEnd();
        }
        catch (DecoderFallbackException problem)
        {
            throw new IOException("it is not UTF-8 text.", problem);
        }
    }
}
