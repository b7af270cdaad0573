using System.CommandLine;

namespace RaftQueue.Server;

/// <summary>The option that names HOCON files, the same for every verb.</summary>
internal static class ConfigOption
{
    public static Option<string[]> Create(string description) => new("--config", "-c")
    {
        Description = description,
        HelpName = "file",
        AllowMultipleArgumentsPerToken = true,
    };
}
