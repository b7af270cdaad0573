using System.Diagnostics;

namespace RaftQueue.Benchmarks.Systems;

/// <summary>A server that this program started: its output goes to a file, and it does not outlive the program.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TextWriter _log;

    private ServerProcess(Process process, TextWriter log) => (_process, _log) = (process, log);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static ServerProcess Start(ProcessStartInfo start, string logPath)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var log = TextWriter.Synchronized(new StreamWriter(logPath) { AutoFlush = true });
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => log.WriteLine(line.Data);
        process.ErrorDataReceived += (_, line) => log.WriteLine(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var server = new ServerProcess(process, log);
        AppDomain.CurrentDomain.ProcessExit += server.OnProgramExit;
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProgramExit;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        await _log.DisposeAsync();
    }

    private void OnProgramExit(object? sender, EventArgs e) => _process.Kill(entireProcessTree: true);
}
