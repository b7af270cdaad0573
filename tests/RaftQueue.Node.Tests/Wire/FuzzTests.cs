using System.Globalization;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using Xunit;

namespace RaftQueue.Node.Tests.Wire;

/// <summary>
/// Mutated and random frames. <c>RAFTQUEUE_FUZZ_FRAMES=1000000</c> takes more of them, <c>RAFTQUEUE_FUZZ_SEED</c> others.
/// </summary>
public sealed class FuzzTests
{
    private static readonly int Frames = Setting("RAFTQUEUE_FUZZ_FRAMES", 20_000);
    private static readonly int Seed = Setting("RAFTQUEUE_FUZZ_SEED", 7_410);

    [Fact]
    public void A_mutated_frame_is_read_or_refused_by_name()
    {
        var mutator = new FrameMutator(Seed, [.. Samples.All.Select(sample => sample.Bytes)]);
        var (read, refused) = (0, 0);
        for (var frame = 0; frame < Frames; frame++)
        {
            var sample = Samples.All[frame % Samples.All.Count];
            var bytes = mutator.Mutate(sample.Bytes);
            if (sample.IsSealed && frame % 8 != 0 && bytes.Length >= Checksum.Size)
                Checksum.Seal(bytes); // else the checksum would keep most of the damage from the parser behind it
            if (IsRead(sample, bytes, frame))
                read++;
            else
                refused++;
        }

        Assert.True(read > Frames / 100 && refused > Frames / 100, $"the fuzz tests little: {read} frames read, {refused} refused");
    }

    [Fact]
    public void Random_bytes_are_read_or_refused_by_name()
    {
        var random = new Random(Seed);
        for (var frame = 0; frame < Frames; frame++)
        {
            var bytes = new byte[random.Next(256)];
            random.NextBytes(bytes);
            IsRead(Samples.All[frame % Samples.All.Count], bytes, frame);
        }
    }

    [Fact]
    public void A_random_manifest_is_refused_by_name()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 1_000; i++)
        {
            var manifest = new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => (char)random.Next(0, 0xFFFF))]);
            if (Manifests.All.Contains(manifest))
                continue;
            var refusal = Assert.Throws<UnknownManifestException>(() => WireCodec.Decode(manifest, new byte[3]));
            Assert.Equal(manifest, refusal.Manifest);
        }
    }

    private static bool IsRead(Sample sample, byte[] bytes, int frame)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var value = sample.Decode(bytes);
            AssertModest(GC.GetAllocatedBytesForCurrentThread() - before, bytes.Length);
            AssertUsable(sample, value);
            return true;
        }
        catch (Exception refusal) when (refusal is MalformedException or UnknownManifestException or DamagedRecordException)
        {
            Assert.NotEmpty(refusal.Message);
            AssertModest(GC.GetAllocatedBytesForCurrentThread() - before, bytes.Length);
            return false;
        }
        catch (Exception other)
        {
            throw new InvalidOperationException(
                $"{sample.Name} let {other.GetType().Name} out (RAFTQUEUE_FUZZ_SEED={Seed}, frame {frame}): {Convert.ToHexString(bytes)}", other);
        }
    }

    /// <summary>No frame makes us take much more memory than it has bytes.</summary>
    private static void AssertModest(long allocated, int length) =>
        Assert.True(allocated <= 64 * 1024 + 256L * length, $"{length} bytes made the codec allocate {allocated}");

    /// <summary>What was read can be written again, and says the same; what is packed in it unpacks.</summary>
    private static void AssertUsable(Sample sample, object value)
    {
        Assert.Equal(ValueText.Of(value), ValueText.Of(sample.Decode(sample.Encode(value))));
        switch (value)
        {
            case Enqueue enqueue:
                foreach (var message in enqueue.Messages)
                    Assert.True(message.Packed.Length > 0);
                break;
            case Received received:
                Assert.Equal(received.Deliveries.Count, received.Deliveries.ToList().Count);
                break;
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
