using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RaftQueue.Chaos.Cluster;

/// <summary>Signals to processes that this program started.</summary>
internal static class Signals
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    public static void Pause(Process process) => Send(process, Stop);

    public static void Resume(Process process) => Send(process, Continue);

    public static void AskToStop(Process process) => Send(process, Terminate);

    private static void Send(Process process, int signal)
    {
        if (!process.HasExited && Kill(process.Id, signal) != 0 && !process.HasExited)
            throw new InvalidOperationException($"Signal {signal} could not be sent to process {process.Id}: error {Marshal.GetLastPInvokeError()}.");
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
