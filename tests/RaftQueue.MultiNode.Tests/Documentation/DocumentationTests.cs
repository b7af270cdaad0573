using Akka.Actor;
using Akka.Configuration;
using RaftQueue.Client;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.MultiNode.Tests.Programs;
using RaftQueue.Node;
using RaftQueue.Node.Tests.Storage;
using RaftQueue.Server;
using Known = RaftQueue.MultiNode.Tests.Programs.Programs;

namespace RaftQueue.MultiNode.Tests.Documentation;

/// <summary>What a reader copies from the documents works.</summary>
[Collection(ProgramsCollection.Name)]
[Trait("Category", "Fault")]
public sealed class DocumentationTests : IDisposable
{
    private const string UsingsOfExamples = """
        global using Akka.Configuration;
        global using RaftQueue.Client;
        global using RaftQueue.Contracts.Hocon;
        global using RaftQueue.Node;
        """;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Programs => [.. Snippet.Programs().Select(snippet => snippet.Place)];

    public static TheoryData<string> Examples => [.. Snippet.Examples().Select(snippet => snippet.Place)];

    public static TheoryData<string> Commands => [.. Snippet.Commands().Select(snippet => snippet.Place)];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Programs))]
    public void F23_A_program_of_a_document_compiles(string place) =>
        Assert.Empty(new CSharpProgram(At(Snippet.Programs(), place)).Problems);

    [Theory]
    [MemberData(nameof(Examples))]
    public void F23_An_example_of_the_code_compiles(string place) =>
        Assert.Empty(new CSharpProgram(At(Snippet.Examples(), place), UsingsOfExamples).Problems);

    [Fact]
    public async Task F23_The_first_program_of_the_README_sends_and_receives()
    {
        await using var node = RaftQueueNode.Start(NodeOfItsOwn());
        var text = Snippet.Programs().First().Text;
        Assert.Contains("\"127.0.0.1:7001\"", text);
        var (console, output) = (Console.Out, new StringWriter());
        Console.SetOut(TextWriter.Synchronized(output));
        try
        {
            await new CSharpProgram(text.Replace("127.0.0.1:7001", node.Address)).RunAsync().WaitAsync(Known.Deadline);
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.Contains("one espresso", output.ToString());
    }

    [Fact]
    public async Task F23_The_program_of_the_README_that_embeds_a_node_runs_one()
    {
        var (port, file) = (Loopback.FreePorts(1)[0], _folder.PathOf("node.conf"));
        File.WriteAllText(file, $$"""
            raftqueue { node = n1, members = [n1], storage.data-directory = "{{_folder.PathOf("data")}}" }
            akka { loglevel = OFF, stdout-loglevel = OFF, remote.dot-netty.tcp { hostname = "{{Loopback.Host}}", port = {{port}} } }
            """);
        var text = Snippet.Programs().Single(snippet => snippet.Text.Contains("WithRaftQueue")).Text;
        Assert.Contains("\"hocon/node1.conf\"", text);

        var program = new CSharpProgram(text.Replace("hocon/node1.conf", file)).RunAsync();

        var options = new RaftQueueClientOptions { Nodes = [$"{Loopback.Host}:{port}"], ConnectTimeout = Eventually.Deadline, WaitForNodes = true };
        await using (var client = await RaftQueueClient.ConnectAsync(options))
            Assert.True(await client.DeclareQueueAsync("orders"));
        // The program runs until it is told to stop; a node that dies does so.
        using var killer = ActorSystem.Create("killer", """
            akka { loglevel = OFF, stdout-loglevel = OFF, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }
            """);
        killer.ActorSelection($"akka.tcp://raftqueue@{Loopback.Host}:{port}/user/raftqueue").Tell(PoisonPill.Instance);
        await program.WaitAsync(Eventually.Deadline);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task F23_A_command_of_a_document_names_what_there_is(string place)
    {
        var command = CommandOf(At(Snippet.Commands(), place));
        if (command.Project is { } project)
            Assert.True(Path.Exists(Path.Combine(Repository.Root, project)), project);
        foreach (var file in command.Arguments.Where(argument => argument.StartsWith("hocon/", StringComparison.Ordinal)))
            Assert.True(File.Exists(Path.Combine(Repository.Root, file)), file);
        if (command.Project is Known.Server)
            Assert.Empty(ServerCommands.Create().Parse(command.Arguments).Errors.Select(error => error.Message));
        else if (command.Project is Known.Producer or Known.Consumer)
            await HasOptionsAsync(command.Project, command.Arguments);
    }

    private static async Task HasOptionsAsync(string project, IEnumerable<string> arguments)
    {
        await using var help = RunningProgram.Start(project, ["--help"]);
        Assert.Equal(0, await help.ExitAsync(Known.Deadline));
        foreach (var option in arguments.Where(argument => argument.StartsWith("--", StringComparison.Ordinal)))
            Assert.Contains($"{option} ", help.Output);
    }

    // The project or test that is run, if any, and what it is told.
    private static (string? Project, string[] Arguments) CommandOf(string line)
    {
        var words = line.Split(" #")[0].Split(" > ")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Trim('\'', '"')).ToList();
        var separator = words.IndexOf("--");
        return words switch
        {
            ["dotnet", "run", ..] => (words[words.IndexOf("--project") + 1], separator < 0 ? [] : [.. words.Skip(separator + 1)]),
            ["dotnet", "test", .. var rest] => (rest.First(word => word.Contains('/') || word.EndsWith(".sln")), []),
            ["raftqueue", .. var arguments] => (Known.Server, [.. arguments]),
            _ => (Known.Server, [.. words]),
        };
    }

    private static string At(IEnumerable<Snippet> snippets, string place) => snippets.First(snippet => snippet.Place == place).Text;

    private Config NodeOfItsOwn() => NodeConfig.Of("n1", Loopback.FreePorts(1)[0], _folder.Path, ["n1"], [], ClusterOptions.Default);
}
