using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace RaftQueue.Benchmarks.Micro;

/// <summary>The verb <c>micro</c>: time and allocations of the pieces that every message passes.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        var command = new Command("micro", "Measures the codec, the Raft step, the queue machine and the batch builder by themselves, with allocations.");
        var filter = new Option<string>("--filter") { Description = "Which, such as *Codec*.", DefaultValueFactory = _ => "*" };
        command.Options.Add(filter);
        command.SetAction(parsed =>
        {
            // In this process: it is built in Release already, and has nothing else to do.
            var config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
            BenchmarkSwitcher
                .FromTypes([typeof(CodecBenchmarks), typeof(RaftBenchmarks), typeof(QueueBenchmarks), typeof(BatchBenchmarks)])
                .Run(["--filter", parsed.GetValue(filter)!], config);
        });
        return command;
    }
}
