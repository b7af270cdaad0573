using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// Leases, kept alive while the application works and given up here when they have run out. What the application has not started when a
/// lease is extended no more is returned before it ends, because the end of a lease counts as a delivery. What this side takes for the end
/// of a lease is only a courtesy, to start nothing that would be refused at the end: the broker judges by its own clock and the token.
/// </summary>
internal sealed partial class ConsumerActor
{
    private const int LooksPerLease = 4;

    private TimeSpan? _lease;
    private bool _isExtending;

    private void TendLeases()
    {
        Receive<LeaseLearnt>(learnt => OnLeaseKnown(learnt.Lease));
        Receive<LeaseUnknown>(unknown =>
        {
            _throttled.Warning(
                "lease",
                null,
                $"Leases of '{_settings.Queue}' are neither extended nor returned before they end, because their length is not known: {unknown.Problem.Message}");
            Timers.StartSingleTimer(nameof(LearnLease), LearnLeaseDue.Instance, _settings.Backoff.Max);
        });
        Receive<LearnLeaseDue>(_ => LearnLease());
        Receive<LeasesDue>(_ => LookAtLeases());
        Receive<ExtendAnswered>(OnExtended);
        Receive<LeaseExtended>(extended => Renew(extended.Token, extended.Lease));
    }

    private void LearnLease()
    {
        if (_lease is { } lease)
            OnLeaseKnown(lease);
        else
            _caller.QueryAsync<QueueStats>($"learn the lease of queue '{_settings.Queue}'", new Target.LeaderOfQueue(_settings.Queue), new GetQueueStats(_settings.Queue), _stopped.Token)
                .PipeTo(Self, success: stats => new LeaseLearnt(stats.Options.Lease), failure: problem => new LeaseUnknown(problem));
    }

    private void OnLeaseKnown(TimeSpan lease)
    {
        _lease = lease;
        foreach (var held in _held.Values)
            held.Until ??= held.Since + lease;
        Timers.StartPeriodicTimer(LeasesDue.Instance, LeasesDue.Instance, lease / LooksPerLease);
    }

    private void LookAtLeases()
    {
        var (now, lease) = (Now, _lease!.Value);
        foreach (var (token, lapsed) in _held.Where(held => held.Value.Until <= now).ToArray())
        {
            lapsed.TryDrop();
            _held.Remove(token);
        }

        if (_closing is not null)
            return;
        var ending = _held.Values.Where(held => held.Until - now <= lease / 2).ToLookup(held => IsToBeExtended(held, now));
        foreach (var unstarted in ending[false].Where(held => held.TryDrop()).ToList())
        {
            _held.Remove(unstarted.Delivery.Token);
            Return(unstarted.Delivery);
        }

        var due = ending[true].Select(held => held.Delivery.Token).Take(Bounds.MaxSettlementsPerCommand).ToArray();
        if (due.Length == 0 || _isExtending)
            return;
        _isExtending = true;
        _caller.CommandAsync(
                $"extend leases of queue '{_settings.Queue}'", new Extend(_settings.Queue, _settings.Consumer, [.. due], lease), TimeSpan.Zero, _stopped.Token)
            .PipeTo(Self, success: result => new ExtendAnswered(due, now, result.Reply, null), failure: problem => new ExtendAnswered(due, now, null, problem));
    }

    private void OnExtended(ExtendAnswered answer)
    {
        _isExtending = false;
        if (answer.Reply is not Extended extended)
        {
            var why = answer.Problem?.Message ?? (answer.Reply as Refused)?.Message ?? "unexpected answer";
            _throttled.Warning("extension", null, $"Leases of '{_settings.Queue}' were not extended: {why}");
            return;
        }

        var ended = extended.Refused.Select(refused => refused.Token).ToHashSet();
        foreach (var token in answer.Tokens.Where(token => !ended.Contains(token)))
            Renew(token, answer.AskedAt + _lease!.Value - Now);
        foreach (var token in ended)
        {
            if (_held.Remove(token, out var held))
                held.TryDrop();
        }

        if (answer.Tokens.Length == Bounds.MaxSettlementsPerCommand)
            LookAtLeases(); // more may be due than one command names
    }

    private bool IsToBeExtended(HeldDelivery held, TimeSpan now) =>
        _settings.Options.AutoExtend && now - held.Since < _settings.Options.MaxAutoExtension;

    private void Renew(long token, TimeSpan lease)
    {
        if (_held.TryGetValue(token, out var held))
            held.Until = Now + lease;
    }

    private void Forget(IEnumerable<long> tokens)
    {
        foreach (var token in tokens)
            _held.Remove(token);
    }

    /// <summary>The application has extended a lease by itself.</summary>
    internal sealed record LeaseExtended(long Token, TimeSpan Lease);

    private sealed record LeaseLearnt(TimeSpan Lease);

    private sealed record LeaseUnknown(Exception Problem);

    private sealed record ExtendAnswered(long[] Tokens, TimeSpan AskedAt, IReply? Reply, Exception? Problem);

    private sealed record LearnLeaseDue
    {
        public static readonly LearnLeaseDue Instance = new();
    }

    private sealed record LeasesDue
    {
        public static readonly LeasesDue Instance = new();
    }
}
