using System.Globalization;
using Akka.Configuration;

namespace RaftQueue.Contracts.Hocon;

/// <summary>
/// Reads one section of a configuration and refuses what it does not understand, always with the full path: HOCON by itself turns
/// an ill-typed value into an exception without a path, and a misspelt key into silence.
/// </summary>
internal sealed class SettingsReader
{
    private readonly Config _config;
    private readonly Config _whole;
    private readonly string _section;

    private SettingsReader(Config contents, Config whole, string section)
    {
        _config = contents;
        _whole = whole;
        _section = section;
    }

    /// <summary>Opens a section over its defaults; a key that the defaults do not have is refused.</summary>
    /// <param name="given">What the user wrote.</param>
    /// <param name="defaults">Every key there is.</param>
    /// <param name="section">The path of the section.</param>
    /// <param name="ignored">Parts of the section that somebody else reads.</param>
    public static SettingsReader Open(Config given, Config defaults, string section, params string[] ignored)
    {
        var free = ignored.Select(name => $"{section}.{name}").ToHashSet();
        KnownKeys.Check(given, defaults, section, path => free.Contains(path) ? KeyPolicy.Free : KeyPolicy.Strict);
        return new SettingsReader(given.WithFallback(defaults).GetConfig(section), given, section);
    }

    /// <summary>Opens a section that has its defaults, and whose keys were checked, already.</summary>
    /// <param name="contents">What stands in the section.</param>
    /// <param name="whole">The configuration that it is a part of.</param>
    /// <param name="section">The path of the section.</param>
    public static SettingsReader Of(Config contents, Config whole, string section) => new(contents, whole, section);

    public RaftQueueConfigurationException Refuse(string key, string problem, Exception? cause = null) =>
        new($"{_section}.{key}", SettingOrigins.Of(_whole, $"{_section}.{key}"), problem, cause);

    public string TextOrEmpty(string key) => Read(key, "a text", path => _config.GetString(path)) ?? "";

    public string Text(string key)
    {
        var text = TextOrEmpty(key);
        return string.IsNullOrWhiteSpace(text) ? throw Refuse(key, "must not be empty.") : text;
    }

    public IReadOnlyList<string> Texts(string key) => [.. Read(key, "a list of texts, such as [n1, n2, n3]", ListAt)];

    public string FileName(string key)
    {
        var name = Text(key);
        return Path.GetFileName(name) == name && name is not ("." or "..")
            ? name
            : throw Refuse(key, $"\"{name}\" is not a plain file name; the file lies in the data directory.");
    }

    public T OneOf<T>(string key)
        where T : struct, Enum
    {
        var text = Text(key);
        foreach (var name in Enum.GetNames<T>())
        {
            if (string.Equals(name, text, StringComparison.OrdinalIgnoreCase))
                return Enum.Parse<T>(name);
        }
        var allowed = string.Join(" or ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()));
        throw Refuse(key, $"\"{text}\" is not known; write {allowed}.");
    }

    public int Whole(string key, int min, int max)
    {
        var text = Text(key);
        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw Refuse(key, $"\"{text}\" is not a whole number from {min} to {max}.");
    }

    public long Bytes(string key, long min, long max = long.MaxValue)
    {
        var value = Read(key, "a size, such as 64 MiB", path => _config.GetByteSize(path));
        if (value >= min && value <= max)
            return value.Value;
        var most = max < long.MaxValue ? $" and at most {max}" : "";
        throw Refuse(key, $"\"{TextOrEmpty(key)}\" is not a size of at least {min}{most} bytes, such as 64 MiB.");
    }

    public bool Flag(string key) => Read(key, "on or off", path => _config.GetBoolean(path));

    public TimeSpan Duration(string key)
    {
        var value = DurationOrZero(key);
        return value > TimeSpan.Zero
            ? value
            : throw Refuse(key, $"\"{TextOrEmpty(key)}\" is not a positive duration, such as 30s.");
    }

    public TimeSpan DurationOrZero(string key) => Read(key, "a duration, such as 30s", path => _config.GetTimeSpan(path, allowInfinite: false));

    // A single text is no list: HOCON itself would read an empty one.
    private IList<string> ListAt(string path) =>
        _config.GetValue(path) is var list && (list.IsString() || list.IsObject()) ? throw new FormatException() : list.GetStringList();

    private T Read<T>(string key, string expected, Func<string, T> read)
    {
        try
        {
            return read(key);
        }
        catch (Exception cause) when (cause is FormatException or OverflowException or ArgumentException or InvalidOperationException
                                      or NotSupportedException or ConfigurationException)
        {
            throw Refuse(key, $"the value is not {expected}.", cause);
        }
    }
}
