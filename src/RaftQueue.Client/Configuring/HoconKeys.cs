using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace RaftQueue.Client.Configuring;

/// <summary>A misspelt key would silently leave its default in place: only keys of the reference are let through.</summary>
internal static class HoconKeys
{
    public static void RefuseUnknown(Config hocon, Config reference, string section)
    {
        if (hocon.HasPath(section))
            Check(hocon.GetValue(section), reference.GetValue(section), section);
    }

    private static void Check(HoconValue given, HoconValue known, string path)
    {
        if (!known.IsObject())
            return;
        if (!given.IsObject())
            throw new ClientConfigurationException(path, "must be a section.");
        var knownItems = known.GetObject().Items;
        foreach (var (key, value) in given.GetObject().Items)
        {
            if (!knownItems.TryGetValue(key, out var knownValue))
                throw new ClientConfigurationException($"{path}.{key}", $"is no key of the client; known here are {string.Join(", ", knownItems.Keys.Order(StringComparer.Ordinal))}.");
            Check(value, knownValue, $"{path}.{key}");
        }
    }
}
