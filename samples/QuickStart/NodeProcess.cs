using System.Diagnostics;

namespace RaftQueue.Samples.QuickStart;

/// <summary>One node in a process of its own.</summary>
internal sealed class NodeProcess(string name, string configFile) : IDisposable
{
    private Process? _process;

    public string Name => name;

    public bool IsRunning => _process is { HasExited: false };

    public void Start()
    {
        _process?.Dispose();
        _process = Process.Start(Command(configFile)) ?? throw new InvalidOperationException($"{name} did not start.");
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
    }

    /// <summary>SIGKILL: the process gets no chance to say or to write anything.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    public void ThrowIfGone()
    {
        if (_process is { HasExited: true })
            throw new InvalidOperationException($"{name} stopped with exit code {_process.ExitCode}: {_process.StandardError.ReadToEnd().Trim()}");
    }

    public void Dispose()
    {
        if (IsRunning)
            Kill();
        _process?.Dispose();
    }

    // This very program again, be it started as QuickStart or as "dotnet QuickStart.dll".
    private static ProcessStartInfo Command(string configFile)
    {
        var program = Environment.ProcessPath!;
        string[] self = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(NodeProcess).Assembly.Location] : [];
        return new ProcessStartInfo(program, [.. self, "node", configFile])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
    }
}
