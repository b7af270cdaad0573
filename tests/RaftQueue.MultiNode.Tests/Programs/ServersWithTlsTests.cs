using RaftQueue.Node.Tests.Storage;

namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>The same servers with hocon/tls.conf, and certificates that the server itself makes.</summary>
[Collection(ProgramsCollection.Name)]
public sealed class ServersWithTlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Certificates => _folder.PathOf("certificates");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Three_servers_and_their_clients_speak_TLS_with_certificates_that_one_command_makes()
    {
        await RunAsync(0, "certificates", "--out", Certificates, "--node", "n1=127.0.0.1", "--node", "n2=127.0.0.1,localhost", "--node", "n3=127.0.0.1", "--client", "client");
        string[] tls = ["hocon/tls.conf", ElsewhereThanInTheFile()];
        await using var servers = await Servers.StartAsync("hocon", 3, tls);
        await servers.Client.DeclareQueueAsync("secret");
        await using (var producer = servers.Client.CreateProducer<string>("secret"))
            await producer.SendAsync("psst");

        await using var consumer = servers.Client.CreateConsumer<string>("secret");
        await using var messages = consumer.ReadAllAsync().GetAsyncEnumerator();
        Assert.True(await messages.MoveNextAsync());
        Assert.Equal("psst", messages.Current.Payload);

        Assert.All(servers.Running.Values, server => Assert.Contains("akka.ssl.tcp://", server.Output, StringComparison.Ordinal));
        Assert.Contains("Leader", await RunAsync(0, ["status", "--config", servers.ClientFile, .. tls]), StringComparison.Ordinal);
        await RunAsync(0, ["health", "--config", "hocon/node1.conf", .. tls]);
        Assert.Contains("No node answered", await RunAsync(1, "status", "--config", servers.ClientFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificates_are_added_to_an_authority_and_never_replaced_by_accident()
    {
        await RunAsync(0, "certificates", "--out", Certificates, "--node", "n1=127.0.0.1");
        var authority = await File.ReadAllTextAsync(Path.Combine(Certificates, "ca.pem"));

        Assert.Contains("--replace", await RunAsync(1, "certificates", "--out", Certificates, "--node", "n1=127.0.0.1"), StringComparison.Ordinal);
        Assert.Contains("n1=10.0.0.1", await RunAsync(1, "certificates", "--out", Certificates, "--node", "n2"), StringComparison.Ordinal);
        await RunAsync(0, "certificates", "--out", Certificates, "--client", "client");

        Assert.Equal(authority, await File.ReadAllTextAsync(Path.Combine(Certificates, "ca.pem")));
        Assert.Equal(
            ["ca.key", "ca.pem", "client.key", "client.pem", "n1.key", "n1.pem"],
            Directory.GetFiles(Certificates).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Certificates, "n1.key")));
    }

    private static async Task<string> RunAsync(int expected, params string[] arguments)
    {
        await using var program = RunningProgram.Start(Programs.Server, arguments);
        var exitCode = await program.ExitAsync(Programs.Deadline);
        Assert.True(exitCode == expected, $"{exitCode}: {program.Output}{program.Errors}");
        return program.Output + program.Errors;
    }

    private string ElsewhereThanInTheFile()
    {
        var path = _folder.PathOf("directory.conf");
        File.WriteAllText(path, $"raftqueue.tls.directory = \"{Certificates}\"");
        return path;
    }
}
