using System.Diagnostics;

namespace RaftQueue.Benchmarks.Systems;

/// <summary>A server that this program started: it does not outlive the program, and its last words are kept.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const int LinesKept = 20;

    private readonly Process _process;
    private readonly Queue<string> _said = new();

    private ServerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>What it printed last, as a sentence.</summary>
    public string LastWords
    {
        get
        {
            lock (_said)
                return _said.Count == 0 ? "It has printed nothing." : $"It printed last:{Environment.NewLine}{string.Join(Environment.NewLine, _said)}";
        }
    }

    public static ServerProcess Start(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var process = new Process { StartInfo = start };
        var server = new ServerProcess(process);
        process.OutputDataReceived += (_, line) => server.Hear(line.Data);
        process.ErrorDataReceived += (_, line) => server.Hear(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += server.OnProgramExit;
        return server;
    }

    /// <summary>Completes when it has ended, of whatever, and has said all.</summary>
    public Task ExitAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProgramExit;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_said)
        {
            _said.Enqueue(line);
            if (_said.Count > LinesKept)
                _said.Dequeue();
        }
    }

    private void OnProgramExit(object? sender, EventArgs e) => _process.Kill(entireProcessTree: true);
}
