using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>Where a received message is settled: its subscription, or its pull.</summary>
internal interface ISettlementDesk
{
    Task SettleAsync(Settlement settlement, CancellationToken cancellation);

    /// <returns>Until when the lease runs.</returns>
    Task<DateTimeOffset> ExtendAsync(long sequence, long token, TimeSpan lease, CancellationToken cancellation);
}
