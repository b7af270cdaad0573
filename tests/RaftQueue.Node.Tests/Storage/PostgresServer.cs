using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>
/// A PostgreSQL server of its own on loopback, with a fresh cluster in a temporary folder and syncs switched on. It starts as
/// a fixture, runs as the user <c>postgres</c> where the tests run as root (the server refuses root), and is gone afterwards.
/// Where no server is installed nothing is started, and tests marked <see cref="PostgresFactAttribute"/> are skipped.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(60);

    private readonly StringBuilder log = new();
    private TemporaryFolder? folder;
    private Process? server;
    private string? connectionString;

    /// <summary>Why there is no server to test against; null when there is one, or when there must be one.</summary>
    public static string? ReasonToSkip { get; } =
        Environment.GetEnvironmentVariable("TESTS_REQUIRE_POSTGRES") == "1" || Binaries() is not null
            ? null
            : "PostgreSQL (initdb, postgres) is not installed. TESTS_REQUIRE_POSTGRES=1 turns this into a failure.";

    public string ConnectionString =>
        connectionString ?? throw new InvalidOperationException("The PostgreSQL server has not been started.");

    public async Task InitializeAsync()
    {
        if (ReasonToSkip is not null)
            return;
        var binaries = Binaries()
            ?? throw new InvalidOperationException(
                "TESTS_REQUIRE_POSTGRES=1, but initdb and postgres are in none of: " + string.Join(", ", Candidates()));
        folder = new TemporaryFolder();
        if (IsRoot)
            await RunAsync("chown", "postgres", folder.Path);
        var data = folder.PathOf("data");
        await RunAsync(AsServerUser(
            Path.Combine(binaries, "initdb"),
            "-D", data, "-U", "raftqueue", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"));
        for (var attempt = 1; connectionString is null; attempt++)
        {
            try
            {
                connectionString = await StartAsync(binaries, data, FreePort());
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                // Another process may have taken the port between the choice and the start.
            }
        }
    }

    public async Task DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (server is { HasExited: false })
        {
            // SIGINT is PostgreSQL's fast shutdown.
            await RunAsync("kill", "-INT", server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await server.WaitForExitAsync().WaitAsync(StartDeadline);
        }
        server?.Dispose();
        folder?.Dispose();
    }

    private async Task<string> StartAsync(string binaries, string data, int port)
    {
        server?.Dispose();
        server = Launch(AsServerUser(
            Path.Combine(binaries, "postgres"), "-D", data, "-k", data, "-p", $"{port}",
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "max_connections=200"));
        server.OutputDataReceived += (_, line) => Note(line.Data);
        server.ErrorDataReceived += (_, line) => Note(line.Data);
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        var address = $"Host=127.0.0.1;Port={port};Username=raftqueue;Database=postgres";
        await ReadyAsync(address);
        return address;
    }

    private async Task ReadyAsync(string address)
    {
        var deadline = Stopwatch.StartNew();
        while (true)
        {
            if (server!.HasExited)
                throw new InvalidOperationException($"The PostgreSQL server stopped with exit code {server.ExitCode}:\n{Log()}");
            try
            {
                await using var connection = new NpgsqlConnection(address + ";Pooling=false");
                await connection.OpenAsync();
                return;
            }
            catch (NpgsqlException) when (deadline.Elapsed < StartDeadline)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50));
            }
        }
    }

    private void Note(string? line)
    {
        lock (log)
            log.AppendLine(line);
    }

    private string Log()
    {
        lock (log)
            return log.ToString();
    }

    private static bool IsRoot => !OperatingSystem.IsWindows() && Environment.UserName == "root";

    private static string[] AsServerUser(params string[] command) =>
        IsRoot ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", .. command] : command;

    private static async Task RunAsync(params string[] command)
    {
        using var process = Launch(command);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(StartDeadline);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{string.Join(' ', command)} ended with {process.ExitCode}:\n{await output}{await errors}");
        }
    }

    private static Process Launch(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(), // the server's user may not enter the current one
        };
        return Process.Start(start)
            ?? throw new InvalidOperationException($"{command[0]} did not start.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? Binaries() =>
        Candidates().FirstOrDefault(folder => IsProgram(folder, "initdb") && IsProgram(folder, "postgres"));

    // A link that leads nowhere exists, but runs nothing.
    private static bool IsProgram(string folder, string name)
    {
        var file = new FileInfo(Path.Combine(folder, name));
        return file.Exists && file.ResolveLinkTarget(returnFinalTarget: true) is not { Exists: false };
    }

    // Debian keeps each version's programs in a folder of its own, outside the PATH; the newest comes first.
    private static IEnumerable<string> Candidates()
    {
        const string Debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(Debian) ? Directory.GetDirectories(Debian) : [];
        return versions
            .OrderByDescending(folder => int.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin"))
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
    }
}
