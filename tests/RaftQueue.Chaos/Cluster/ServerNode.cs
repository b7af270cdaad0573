using System.Diagnostics;
using System.Globalization;

namespace RaftQueue.Chaos.Cluster;

/// <summary>What a node is started with, the same at every start.</summary>
/// <param name="Number">From 0.</param>
/// <param name="Name">Its name in the cluster.</param>
/// <param name="Folder">Its own folder.</param>
/// <param name="LogFile">Where its output goes.</param>
/// <param name="ConfigFile">The HOCON file of all nodes.</param>
/// <param name="Members">The names of the first members.</param>
/// <param name="FakeTimeLibrary">Set where its clock can jump.</param>
public sealed record NodePlan(
    int Number, string Name, string Folder, string LogFile, string ConfigFile, IReadOnlyList<string> Members, string? FakeTimeLibrary);

/// <summary>One server process, over all its lives: started, stopped, killed and paused as wanted. Its output is kept with the time of each line.</summary>
public sealed class ServerNode : IDisposable
{
    private readonly NodePlan _plan;
    private readonly NodeNetwork _network;
    private readonly StreamWriter _log;
    private readonly List<string> _lines = [];
    private Process? _process;

    public ServerNode(NodePlan plan, NodeNetwork network)
    {
        (_plan, _network) = (plan, network);
        _log = new StreamWriter(plan.LogFile, append: true) { AutoFlush = true };
        Directory.CreateDirectory(DataFolder);
        SetClock(TimeSpan.Zero);
    }

    /// <summary>Its name.</summary>
    public string Name => _plan.Name;

    /// <summary>Its number, from 0.</summary>
    public int Number => _plan.Number;

    /// <summary>Where clients reach it, as "host:port".</summary>
    public string Address => $"{_network.AddressOf(Number).Host}:{_network.AddressOf(Number).Port}";

    /// <summary>Where its data is.</summary>
    public string DataFolder => Path.Combine(_plan.Folder, "data");

    /// <summary>Whether its process is there, paused or not.</summary>
    public bool IsUp => _process is { HasExited: false };

    /// <summary>How much memory its process has now; 0 while there is none.</summary>
    public long MemoryBytes
    {
        get
        {
            _process?.Refresh();
            return IsUp ? _process!.WorkingSet64 : 0;
        }
    }

    private string ClockFile => Path.Combine(_plan.Folder, "clock");

    /// <summary>Starts a process with the data that is there.</summary>
    public void Start()
    {
        if (IsUp)
            throw new InvalidOperationException($"{Name} is up already.");
        var start = _network.Start(Number, Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet", Server, "--config", _plan.ConfigFile);
        (start.RedirectStandardOutput, start.RedirectStandardError, start.RedirectStandardInput) = (true, true, true);
        Fill(start.Environment);
        Note($"--- {Name} is started");
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{Name} does not start.");
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Runs a verb of the server for this node, with the node's own settings, and waits for its end.</summary>
    /// <returns>The exit code, and what it has said.</returns>
    public async Task<(int ExitCode, string Said)> RunAsync(params string[] verb)
    {
        var start = new ProcessStartInfo("dotnet", [Server, .. verb, "--config", _plan.ConfigFile]) { RedirectStandardOutput = true, RedirectStandardError = true };
        Fill(start.Environment);
        Note($"--- {string.Join(' ', verb)}");
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{verb[0]} does not start.");
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Note(string.Concat(said));
        return (process.ExitCode, string.Concat(said));
    }

    /// <summary>SIGKILL: no chance to write or to say anything.</summary>
    public void Kill()
    {
        if (_process is null)
            return;
        Note("--- SIGKILL");
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGSTOP: the process stands still, its connections stay open.</summary>
    public void Pause() => Signal("--- SIGSTOP", Signals.Pause);

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public void Resume() => Signal("--- SIGCONT", Signals.Resume);

    /// <summary>SIGTERM, and waits for the end.</summary>
    /// <returns>The exit code; null where it did not end in time and was killed.</returns>
    public async Task<int?> StopAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        if (_process is not { } process)
            return 0;
        Signal("--- SIGTERM", Signals.AskToStop);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Kill();
            return null;
        }

        var code = process.ExitCode;
        process.Dispose();
        _process = null;
        return code;
    }

    /// <summary>Deletes all its data. The process must be down.</summary>
    public void Wipe()
    {
        Note("--- its data is deleted");
        foreach (var entry in new DirectoryInfo(DataFolder).GetFileSystemInfos())
        {
            if (entry is DirectoryInfo folder)
                folder.Delete(recursive: true);
            else
                entry.Delete();
        }
    }

    /// <summary>Lets the node's wall clock be off by this much, from now on; its monotonic clock goes on undisturbed, as in life.</summary>
    public void SetClock(TimeSpan offset) => File.WriteAllText(ClockFile, string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0;-0;+0}"));

    /// <summary>How many lines it has put out so far: a mark for <see cref="HasSaid"/>.</summary>
    public int LineCount
    {
        get
        {
            lock (_lines)
                return _lines.Count;
        }
    }

    /// <summary>Whether a line since <paramref name="since"/> contains <paramref name="text"/>.</summary>
    public bool HasSaid(string text, int since)
    {
        lock (_lines)
            return _lines.Skip(since).Any(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (IsUp)
            Resume();
        Kill();
        lock (_lines)
            _log.Dispose();
    }

    private static string Server => Path.Combine(AppContext.BaseDirectory, "RaftQueue.Server.dll");

    private void Fill(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(name => name.StartsWith("RAFTQUEUE_", StringComparison.Ordinal)).ToList())
            environment.Remove(name);
        var (host, port) = _network.AddressOf(Number);
        environment["RAFTQUEUE_NODE"] = Name;
        environment["RAFTQUEUE_MEMBERS"] = string.Join(',', _plan.Members);
        environment["RAFTQUEUE_DATA"] = DataFolder;
        environment["RAFTQUEUE_HOSTNAME"] = host;
        environment["RAFTQUEUE_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        environment["RAFTQUEUE_SEEDS"] = string.Join(',', Enumerable.Range(0, _plan.Members.Count).Select(_network.AddressOf).Select(seed => $"akka.tcp://raftqueue@{seed.Host}:{seed.Port}"));
        // The server's own threads are few; a debugger's or profiler's pipes would only litter the temporary folder.
        environment["DOTNET_EnableDiagnostics"] = "0";
        if (_plan.FakeTimeLibrary is not { } library)
            return;
        environment["LD_PRELOAD"] = library;
        environment["FAKETIME_TIMESTAMP_FILE"] = ClockFile;
        environment["FAKETIME_CACHE_DURATION"] = "1";
        environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
        // Its fix for old C libraries lets every timed wait of this runtime end at once.
        environment["FAKETIME_FORCE_MONOTONIC_FIX"] = "0";
    }

    private void Signal(string note, Action<Process> signal)
    {
        if (_process is not { } process)
            return;
        Note(note);
        signal(process);
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (_lines)
        {
            _lines.Add(line);
            if (_log.BaseStream is { CanWrite: true })
                _log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {line}"));
        }
    }
}
