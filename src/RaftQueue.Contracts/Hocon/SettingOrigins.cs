using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace RaftQueue.Contracts.Hocon;

/// <summary>
/// Where settings were read from, as people look for them: a file and a line, or a variable. A configuration carries it in a section of its
/// own, so that it stays right when configurations are merged: what wins there names what wins elsewhere.
/// </summary>
internal static class SettingOrigins
{
    /// <summary>The section; only its keys are paths of settings.</summary>
    public const string Section = "raftqueue-origins";

    /// <summary>Says in a configuration where its settings were read from.</summary>
    /// <param name="root">The root of a configuration.</param>
    /// <param name="origins">Paths of settings; a later one wins.</param>
    public static void Write(HoconValue root, IEnumerable<(string Path, string Origin)> origins)
    {
        if (root.GetObject() is not { } settings)
            return;
        var section = settings.GetOrCreateKey(Section);
        var paths = new HoconObject();
        section.NewValue(paths);
        foreach (var (path, origin) in origins)
            paths.GetOrCreateKey(path).NewValue(new HoconLiteral { Value = origin });
    }

    /// <summary>Where the value of a path was read from, or something within it; null where nobody knows.</summary>
    public static string? Of(Config config, string path)
    {
        if (config.IsEmpty || config.GetValue(Section)?.GetObject() is not { } origins)
            return null;
        var within = $"{path}.";
        var found = origins.GetKey(path) ?? origins.Items.FirstOrDefault(origin => origin.Key.StartsWith(within, StringComparison.Ordinal)).Value;
        return found?.GetString();
    }
}
