using System.Globalization;
using CsCheck;
using Xunit;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>The machine against the reference, over random commands. A failure prints its seed and the shortest run that was found.</summary>
public sealed class ModelTests
{
    private const int MeanRun = 100;

    /// <summary>How many random commands are tried; the variable RAFTQUEUE_MODEL_COMMANDS overrides it.</summary>
    private static long Commands =>
        Environment.GetEnvironmentVariable("RAFTQUEUE_MODEL_COMMANDS") is { Length: > 0 } number ? long.Parse(number, CultureInfo.InvariantCulture) : 100_000;

    private static Gen<RandomStep> Step =>
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 999], Gen.Int[0, 999], Gen.Int[0, 999]).Select((kind, a, b, c) => new RandomStep(kind, a, b, c));

    [Fact]
    public void The_machine_agrees_with_the_reference_through_captures_and_restores_and_two_replicas_agree_at_every_step() =>
        Gen.Select(Step.Array[0, 2 * MeanRun], Gen.Int[1, 60]).Sample(
            (steps, snapshotEvery) => Play(steps, snapshotEvery), iter: Commands / MeanRun);

    private static void Play(RandomStep[] steps, int snapshotEvery)
    {
        var run = new ModelRun();
        try
        {
            run.Play(steps, snapshotEvery);
        }
        catch (Exception difference)
        {
            throw new InvalidOperationException($"{difference.Message}\nAfter:\n{string.Join('\n', run.Transcript)}", difference);
        }
    }
}
