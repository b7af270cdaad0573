using YamlDotNet.RepresentationModel;

namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>A service of docker-compose.yml, as far as it says how its process is started.</summary>
/// <param name="Name">The name by which other services reach it.</param>
/// <param name="Command">The arguments of the image's program.</param>
/// <param name="Environment">Its environment.</param>
/// <param name="Volumes">Where in the container volumes are mounted.</param>
/// <param name="HealthCheck">The arguments of the image's program that check its health.</param>
internal sealed record ComposeService(
    string Name, string[] Command, IReadOnlyDictionary<string, string> Environment, IReadOnlyList<string> Volumes, string[] HealthCheck);

/// <summary>Reads docker-compose.yml, merge keys included.</summary>
internal static class ComposeFile
{
    // What the image's entry point is, and a health command begins with.
    private static readonly string[] EntryPoint = ["dotnet", "RaftQueue.Server.dll"];

    public static IReadOnlyList<ComposeService> Read(string path)
    {
        var yaml = new YamlStream();
        using (var reader = File.OpenText(path))
            yaml.Load(reader);
        var services = (YamlMappingNode)((YamlMappingNode)yaml.Documents[0].RootNode).Children["services"];
        return [.. services.Children.Select(service => Service(((YamlScalarNode)service.Key).Value!, Merged(service.Value)))];
    }

    private static ComposeService Service(string name, Dictionary<string, YamlNode> keys)
    {
        var test = Texts(Merged(keys["healthcheck"])["test"]);
        if (test is not ["CMD", .. var command] || !command.Take(2).SequenceEqual(EntryPoint))
            throw new InvalidDataException($"The health check of {name} does not run {string.Join(' ', EntryPoint)}.");
        var environment = Merged(keys["environment"]).ToDictionary(variable => variable.Key, variable => ((YamlScalarNode)variable.Value).Value!);
        var volumes = Texts(keys["volumes"]).Select(volume => volume.Split(':')[1]);
        return new ComposeService(name, Texts(keys["command"]), environment, [.. volumes], command[2..]);
    }

    // "<<" takes in another mapping; what is written beside it wins.
    private static Dictionary<string, YamlNode> Merged(YamlNode node)
    {
        var merged = new Dictionary<string, YamlNode>();
        var mapping = (YamlMappingNode)node;
        if (mapping.Children.TryGetValue("<<", out var included))
            merged = Merged(included);
        foreach (var (key, value) in mapping.Children.Where(child => ((YamlScalarNode)child.Key).Value != "<<"))
            merged[((YamlScalarNode)key).Value!] = value;
        return merged;
    }

    private static string[] Texts(YamlNode node) => [.. ((YamlSequenceNode)node).Select(item => ((YamlScalarNode)item).Value!)];
}
