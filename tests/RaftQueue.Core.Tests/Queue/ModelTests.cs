using System.Diagnostics;
using System.Globalization;
using CsCheck;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>Says how far a long run is while it runs.</summary>
public sealed class ModelProgress(IMessageSink sink)
{
    public void Say(string text) => sink.OnMessage(new DiagnosticMessage(text));
}

/// <summary>The machine against the reference, over random commands. A failure prints its seed and the shortest run that was found.</summary>
public sealed class ModelTests(ModelProgress progress) : IClassFixture<ModelProgress>
{
    private const int MeanRun = 100;
    private const int Slice = 100_000;

    /// <summary>How many random commands are tried; the variable RAFTQUEUE_MODEL_COMMANDS overrides it.</summary>
    private static long Commands =>
        Environment.GetEnvironmentVariable("RAFTQUEUE_MODEL_COMMANDS") is { Length: > 0 } number ? long.Parse(number, CultureInfo.InvariantCulture) : 100_000;

    private static Gen<RandomStep> Step =>
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999]).Select((kind, a, b, c) => new RandomStep(kind, a, b, c));

    // Each slice draws seeds of its own; within one they run side by side on all cores.
    [Fact]
    public void The_machine_agrees_with_the_reference_through_captures_and_restores_and_two_replicas_agree_at_every_step()
    {
        var (watch, played) = (Stopwatch.StartNew(), 0L);
        for (var left = Commands; left > 0; left -= Slice)
        {
            Gen.Select(Step.Array[0, 2 * MeanRun], Gen.Int[1, 60]).Sample(
                (steps, snapshotEvery) => Interlocked.Add(ref played, Play(new ModelRun(Given.Tiny), steps, snapshotEvery)), iter: Math.Max(1, Math.Min(left, Slice) / MeanRun));
            progress.Say(string.Create(CultureInfo.InvariantCulture, $"model: {played:N0} of about {Commands:N0} commands agree, {watch.Elapsed.TotalSeconds:0} s"));
        }
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F14_Two_replicas_agree_at_every_step_through_captures_and_restores_where_entries_leave_work_over() =>
        Gen.Select(Step.Array[0, 2 * MeanRun], Gen.Int[1, 60], Gen.Int[1, 4]).Sample(
            (steps, snapshotEvery, maxWork) => Play(new ModelRun(Given.Tiny with { MaxWork = maxWork }, knowsAnswers: false), steps, snapshotEvery), iter: 100);

    private static int Play(ModelRun run, RandomStep[] steps, int snapshotEvery)
    {
        try
        {
            run.Play(steps, snapshotEvery);
            return steps.Length;
        }
        catch (Exception difference)
        {
            throw new InvalidOperationException($"{difference.Message}\nAfter:\n{string.Join('\n', run.Transcript)}", difference);
        }
    }
}
