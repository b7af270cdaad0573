// Three nodes on this machine, a producer and a consumer; the leader is killed half way. Nothing may get lost, and nothing may be stored twice.
//
//   dotnet run --project samples/QuickStart

using System.Runtime.InteropServices;
using RaftQueue.Samples.QuickStart;

if (args is ["node", var config])
    return await NodeProgram.RunAsync(config); // what the three child processes run
if (args.Length > 0)
{
    Console.Error.WriteLine("quickstart: takes no arguments.");
    return 2;
}

using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await Demonstration.RunAsync(stop.Token) ? 0 : 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine("quickstart: interrupted; the nodes are stopped and their files removed.");
    return 130;
}
catch (Exception problem)
{
    Console.Error.WriteLine($"quickstart: {problem.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
