using System.Security.Cryptography;

namespace RaftQueue.Core.Queue;

/// <summary>One hash over the canonical bytes of the whole state; of what is large, over its hashes, which are kept until it changes.</summary>
internal static class MachineDigest
{
    public static string Of(MachineState machine)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(StateEncoding.Encode(machine).Span);
        foreach (var segment in machine.Segments.InOrder)
            hash.AppendData(segment.Hash());
        foreach (var queue in machine.QueuesInOrder)
        {
            foreach (var page in queue.Backlog.Pages.Where(page => page.Live > 0))
                hash.AppendData(page.Hash ??= SHA256.HashData(PageEncoding.Encode(queue.Name, page).Span));
        }

        foreach (var outbox in machine.Outboxes.InOrder)
        {
            foreach (var page in outbox.Messages.Pages.Where(page => page.Live > 0))
                hash.AppendData(page.Hash ??= SHA256.HashData(PageEncoding.Encode(outbox.Target, page).Span));
        }

        foreach (var bucket in machine.Producers.Buckets.Where(bucket => !bucket.IsEmpty))
            hash.AppendData(bucket.Hash ??= SHA256.HashData(ProducerEncoding.Encode(bucket).Span));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
