using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Cluster;

/// <summary>
/// A client in a process of its own, the harness' own program, so that it can stand still. It reports what it sees as lines of the history.
/// </summary>
public sealed class ClientProcess : IDisposable
{
    private const long OpsOfProcess = 1_000_000_000;
    private readonly Process _process;
    private readonly HistoryRecorder _recorder;
    private readonly Task _listening;
    private readonly Task<string> _complaints;

    private ClientProcess(Process process, HistoryRecorder recorder)
    {
        (_process, _recorder) = (process, recorder);
        _listening = ListenAsync();
        _complaints = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts one, and adds it to the clients of the cluster.</summary>
    /// <param name="cluster">Where its nodes are.</param>
    /// <param name="recorder">Takes down what it reports.</param>
    /// <param name="seed">Decides what it leaves to chance.</param>
    /// <param name="queue">The queue that it pulls from.</param>
    public static ClientProcess Start(ServerCluster cluster, HistoryRecorder recorder, int seed, string queue)
    {
        var number = cluster.Clients.Count + 1;
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "RaftQueue.Chaos.dll"), "client",
            "--nodes", string.Join(',', cluster.Nodes.Select(node => node.Address)),
            "--host", cluster.Network.ClientHost,
            "--queue", queue,
            "--seed", Text(seed),
            "--begun", Text(recorder.Begun),
            "--first-op", Text(number * OpsOfProcess),
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var client = new ClientProcess(Process.Start(start) ?? throw new InvalidOperationException("The client process does not start."), recorder);
        cluster.Clients.Add(client);
        return client;
    }

    /// <summary>SIGSTOP.</summary>
    public void Pause() => Signals.Pause(_process);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signals.Resume(_process);

    /// <summary>Asks it to end what it has begun, and waits until everything that it saw is taken down.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(patience);
        await _listening;
        if (_process.ExitCode != 0)
            _recorder.Record(at => new Stuck(at, $"a client process ended with code {_process.ExitCode}: {_complaints.Result}"));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task ListenAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            try
            {
                _recorder.Take(HistoryFile.Parse(line));
            }
            catch (JsonException)
            {
                _recorder.Record(at => new Stuck(at, $"a client process said: {line}"));
            }
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
