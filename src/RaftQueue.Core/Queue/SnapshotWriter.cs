using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Cuts the state into pieces: each segment, each page of references and each bucket of producers is one, and is written again only when it has changed;
/// the rest (what is in flight, options, counters) is one small piece that is always new. A piece that can change has in its name the index of the capture.
/// </summary>
internal static class SnapshotWriter
{
    public static SnapshotCapture Capture(MachineState machine)
    {
        var pieces = new List<PieceRecord>();
        var fresh = new List<Piece>();
        AddState(machine, pieces, fresh);
        foreach (var segment in machine.Segments.InOrder)
            AddSegment(machine.Segments, segment, pieces, fresh);
        foreach (var queue in machine.QueuesInOrder)
        {
            foreach (var page in queue.Backlog.Pages.Where(page => page.Live > 0))
                AddPage(machine, queue, page, pieces, fresh);
        }

        foreach (var bucket in machine.Producers.Buckets.Where(bucket => !bucket.IsEmpty))
            AddBucket(machine, bucket, pieces, fresh);

        machine.CapturedIndex = machine.AppliedIndex;
        var manifest = SnapshotManifest.Write(machine.AppliedIndex, machine.Now, pieces);
        return new SnapshotCapture(machine.AppliedIndex, new LogTime(machine.Now), manifest, fresh);
    }

    private static void AddState(MachineState machine, List<PieceRecord> pieces, List<Piece> fresh)
    {
        var bytes = StateEncoding.Encode(machine);
        var record = PieceRecord.Of(PieceKind.State, 0, $"state-{machine.AppliedIndex}", bytes);
        pieces.Add(record);
        if (machine.CapturedIndex != machine.AppliedIndex)
            fresh.Add(new Piece(record.Name, bytes));
    }

    private static void AddSegment(Segments segments, Segment segment, List<PieceRecord> pieces, List<Piece> fresh)
    {
        var kind = segment.IsSealed ? PieceKind.SealedSegment : PieceKind.OpenSegment;
        pieces.Add(new PieceRecord(kind, segment.Number, segment.PieceName, segment.Length, segment.Hash()));
        if (segment.CapturedLength == segment.Length)
            return;
        segments.Captured(segment);
        fresh.Add(new Piece(segment.PieceName, segment.Bytes));
    }

    private static void AddPage(MachineState machine, QueueState queue, Page page, List<PieceRecord> pieces, List<Piece> fresh)
    {
        if (page.Captured is null)
        {
            var bytes = PageEncoding.Encode(queue.Name, page);
            page.Captured = PieceRecord.Of(PieceKind.Page, page.Number, $"page-{machine.AppliedIndex}-{page.Number}-{queue.Name}", bytes);
            page.Hash = page.Captured.Hash;
            fresh.Add(new Piece(page.Captured.Name, bytes));
        }

        pieces.Add(page.Captured);
    }

    private static void AddBucket(MachineState machine, ProducerBucket bucket, List<PieceRecord> pieces, List<Piece> fresh)
    {
        if (bucket.Captured is null)
        {
            var bytes = ProducerEncoding.Encode(bucket);
            bucket.Captured = PieceRecord.Of(PieceKind.Producers, bucket.Number, $"producers-{machine.AppliedIndex}-{bucket.Number}", bytes);
            bucket.Hash = bucket.Captured.Hash;
            fresh.Add(new Piece(bucket.Captured.Name, bytes));
        }

        pieces.Add(bucket.Captured);
    }
}
