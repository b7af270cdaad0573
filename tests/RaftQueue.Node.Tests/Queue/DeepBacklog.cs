using Akka.TestKit;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Tests.Raft;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>
/// A host whose queue <c>orders</c> has twenty messages, four to a segment: 1 to 4 in segment 0, 5 to 8 in segment 1, and so on; segment 4 is still open. The test is the disk:
/// it stores pieces and reads them back when it likes.
/// </summary>
internal sealed class DeepBacklog
{
    public const int Messages = 20;
    private const int Commands = 11;
    private const int BodyBytes = 250_000;

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _disk = [];
    private readonly SnapshotCapture _capture;

    public DeepBacklog(TestKitBase kit, long cacheBytes = 0, QueueOptions? options = null)
    {
        var settings = HostBench.Settings with { SnapshotBytes = long.MaxValue, SnapshotEntries = Commands, SegmentCacheBytes = cacheBytes };
        Host = new HostBench(kit, settings);
        Host.CommitOthers(new DeclareQueue(HostBench.Orders, options ?? QueueOptions.Default));
        for (var i = 1; i <= Messages; i += 2)
            Host.CommitOthers(Host.Enqueue(BodyOf(i), BodyOf(i + 1)));
        _capture = Host.Snapshots.ExpectMsg<SaveMachine>().Capture;
        Keep(_capture);
    }

    private DeepBacklog(TestKitBase kit, DeepBacklog before, long cacheBytes)
    {
        _disk = before._disk;
        var capture = _capture = before._capture;
        Host = new HostBench(kit, HostBench.Settings with { SegmentCacheBytes = cacheBytes }, new SnapshotMeta(capture.Index, new Term(1), capture.Stamp, Members.Voters(3), 1));
        Restore();
    }

    public HostBench Host { get; }

    public static string BodyOf(int number) => $"{number}-".PadRight(BodyBytes, 'x');

    /// <summary>The numbers of the messages that were delivered.</summary>
    public static int[] Numbers(DeliveryBlock deliveries) =>
        [.. HostBench.Bodies(deliveries).Select(body => int.Parse(body[..body.IndexOf('-', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture))];

    /// <summary>The snapshot is durable: full segments may leave memory.</summary>
    public void Store() => Host.Host.Tell(new MachineSaved(_capture.Index, _capture.Stamp), Host.Snapshots);

    /// <summary>Another host, that goes on from what is stored.</summary>
    public DeepBacklog Restart(TestKitBase kit, long cacheBytes = 0) => new(kit, this, cacheBytes);

    /// <summary>The host asks for the machine of the snapshot, and gets it.</summary>
    public void Restore()
    {
        Host.Snapshots.FishForMessage<RestoreMachine>(_ => true);
        Host.Host.Tell(new MachineRestored(QueueMachine.Restore(_capture.Manifest, name => _disk[name], loadsSegments: false)), Host.Snapshots);
        Host.Status();
    }

    /// <summary>The leader's snapshot takes the place of what the host has.</summary>
    public void Install()
    {
        Host.Host.Tell(new RestoreMachine(new SnapshotMeta(_capture.Index, new Term(2), _capture.Stamp, Members.Voters(3), 1)), Host.Raft);
        Restore();
    }

    /// <summary>The segments that the host wants to read since last asked.</summary>
    public IReadOnlyList<ReadSegment> Reads()
    {
        Host.Status();
        var reads = new List<ReadSegment>();
        while (Host.Snapshots.HasMessages)
        {
            if (Host.Snapshots.ReceiveOne(TimeSpan.Zero) is ReadSegment read)
                reads.Add(read);
        }

        return reads;
    }

    /// <summary>Answers a read with what is on disk, or with something else.</summary>
    public void Answer(ReadSegment read, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? change = null)
    {
        var bytes = _disk[read.Piece];
        Host.Host.Tell(new SegmentRead(read.Segment, change is null ? bytes : change(bytes)), Host.Snapshots);
    }

    /// <summary>Answers all reads, and those that follow from them.</summary>
    public IReadOnlyList<long> AnswerAll()
    {
        var answered = new List<long>();
        for (var reads = Reads(); reads.Count > 0; reads = Reads())
        {
            foreach (var read in reads)
            {
                Answer(read);
                answered.Add(read.Segment);
            }
        }

        return answered;
    }

    private void Keep(SnapshotCapture capture)
    {
        foreach (var piece in capture.NewPieces)
            _disk[piece.Name] = piece.Bytes.ToArray();
    }
}
