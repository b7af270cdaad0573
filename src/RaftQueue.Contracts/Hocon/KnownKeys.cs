using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace RaftQueue.Contracts.Hocon;

/// <summary>What may be in a section.</summary>
internal enum KeyPolicy
{
    /// <summary>The known keys, and in its blocks likewise.</summary>
    Strict,

    /// <summary>
    /// The known keys, and blocks of other names, which extensions have; but a name that is nearly a known one is misspelt. Its blocks are
    /// free, where nothing else is said of them.
    /// </summary>
    Extensible,

    /// <summary>Anything.</summary>
    Free,
}

/// <summary>Refuses keys that nobody reads, and values of the wrong shape: HOCON by itself passes over both in silence.</summary>
internal static partial class KnownKeys
{
    // What Akka takes in the place of a number or a duration.
    private static readonly string[] s_words = ["on", "off", "infinite", "undefined", "default"];

    /// <summary>Compares a section with the one that has every known key.</summary>
    /// <param name="given">What the user wrote.</param>
    /// <param name="known">Every key there is, with its default.</param>
    /// <param name="section">The path of the section; empty for the whole.</param>
    /// <param name="policy">The policy of a block by its path, for those whose policy differs from that of the block around them.</param>
    /// <exception cref="RaftQueueConfigurationException">A key is not known, or its value is of the wrong shape.</exception>
    public static void Check(Config given, Config known, string section, Func<string, KeyPolicy?> policy)
    {
        if (!given.IsEmpty && given.GetValue(section) is { } written && known.GetValue(section) is { } all)
            new Walk(given, policy).Check(written, all, section, policy(section) ?? KeyPolicy.Strict);
    }

    /// <summary>Refuses names in a section that are nearly those that we know there. Others are somebody else's.</summary>
    /// <param name="given">What the user wrote.</param>
    /// <param name="section">The path of the section; empty for the root.</param>
    /// <param name="known">What we know.</param>
    /// <exception cref="RaftQueueConfigurationException">A name is misspelt.</exception>
    public static void CheckNames(Config given, string section, params string[] known)
    {
        if (given.IsEmpty)
            return;
        var names = section.Length == 0
            ? given.AsEnumerable().Select(entry => entry.Key)
            : given.GetValue(section)?.GetObject()?.Items.Keys;
        foreach (var name in names ?? [])
        {
            if (!known.Contains(name) && Nearest.IsMisspelling(name, known))
                throw Unknown(given, section.Length == 0 ? name : $"{section}.{name}", name, known);
        }
    }

    private static RaftQueueConfigurationException Unknown(Config given, string path, string key, IReadOnlyCollection<string> known)
    {
        var meant = Nearest.Of(key, known);
        var hint = meant is null ? $"known here are {string.Join(", ", known)}." : $"did you mean {meant}?";
        return Refuse(given, path, $"is not a known key; {hint}");
    }

    private static RaftQueueConfigurationException Refuse(Config given, string path, string problem) =>
        new(path, SettingOrigins.Of(given, path), problem);

    // IsArray of HOCON is true of everything.
    private static bool IsList(HoconValue value) => value.Values.Any(
        element => element is HoconSubstitution { ResolvedValue: var resolved } ? resolved is not null && IsList(resolved) : element.IsArray());

    [GeneratedRegex(@"^\d+(\.\d+)? ?(ns|us|ms|s|m|h|d|nanos?|micros?|millis?|(nano|micro|milli)?seconds?|minutes?|hours?|days?)$")]
    private static partial Regex ADuration();

    [GeneratedRegex(@"^-?\d+(\.\d+)?$")]
    private static partial Regex ANumber();

    private sealed class Walk(Config whole, Func<string, KeyPolicy?> policies)
    {
        public void Check(HoconValue given, HoconValue known, string path, KeyPolicy policy)
        {
            CheckShape(given, known, path);
            if (policy == KeyPolicy.Free)
                return;
            if (known.IsObject())
                CheckKeys(given.GetObject(), known.GetObject(), path, policy);
            else
                CheckKind(given, known, path);
        }

        private void CheckKeys(HoconObject given, HoconObject known, string path, KeyPolicy policy)
        {
            var inherited = policy == KeyPolicy.Extensible ? KeyPolicy.Free : policy;
            foreach (var (key, value) in given.Items)
            {
                var full = $"{path}.{key}";
                if (known.Items.TryGetValue(key, out var counterpart))
                    Check(value, counterpart, full, policies(full) ?? inherited);
                else if (policies(full) != KeyPolicy.Free && !MayBeOfExtension(key, value, known, policy))
                    throw Unknown(whole, full, key, known.Items.Keys);
            }
        }

        private static bool MayBeOfExtension(string key, HoconValue value, HoconObject known, KeyPolicy policy) =>
            policy == KeyPolicy.Extensible && value.IsObject() && !Nearest.IsMisspelling(key, known.Items.Keys);

        private void CheckShape(HoconValue given, HoconValue known, string path)
        {
            if (given.IsObject() != known.IsObject())
                throw Refuse(whole, path, known.IsObject() ? "is a block of keys, not a value." : "takes a single value, not a block.");
            if (IsList(given) != IsList(known))
                throw Refuse(whole, path, IsList(known) ? "is a list, such as [a, b]." : "takes a single value, not a list.");
        }

        // The default of a key is an example of what it takes.
        private void CheckKind(HoconValue given, HoconValue known, string path)
        {
            if (!given.IsString() || !known.IsString() || given.GetString() is not { } text || s_words.Contains(text))
                return;
            var example = known.GetString();
            if (ADuration().IsMatch(example) && !ADuration().IsMatch(text) && !ANumber().IsMatch(text))
                throw Refuse(whole, path, $"\"{text}\" is not a duration, such as {example}.");
            if (ANumber().IsMatch(example) && !char.IsAsciiDigit(text.TrimStart('-', '+', '.').FirstOrDefault()))
                throw Refuse(whole, path, $"\"{text}\" is not a number, such as {example}.");
        }
    }
}
