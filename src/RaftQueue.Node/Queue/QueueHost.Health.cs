using System.Globalization;

namespace RaftQueue.Node.Queue;

// What keeps messages from consumers although the replica lives.
internal sealed partial class QueueHost
{
    private StallClock _unserved;
    private TimeSpan _longestApply;

    private void Complete(CompleteStatus request)
    {
        LookForUnserved();
        string[] problems = [request.Status.Health, .. Problems()];
        var status = request.Status with
        {
            AppliedIndex = _machine.AppliedIndex,
            Digest = _machine.Digest(),
            LongestApply = _longestApply,
            Health = string.Join(' ', problems.Where(problem => problem.Length > 0)),
        };
        request.Origin.Answer(status with { IsHealthy = status.IsHealthy && status.Health.Length == 0 }, Self);
    }

    private void LookForUnserved()
    {
        _unserved.Observe(_isLeading && _machine.FindUnserved() is not null, 0, Now);
        if (_isLeading)
            _stuckOutboxes.Observe(_machine.OutboxStatuses, Now);
    }

    private IEnumerable<string> Problems()
    {
        if (_reads.Oldest is { } awaited && Now - awaited.Since > _settings.StalledAfter)
            yield return Text($"Segment {awaited.Segment} of the queues has been awaited from disk for {(Now - awaited.Since).TotalSeconds:0} s, and deliveries wait for it.");
        if (!_isLeading)
            yield break;
        foreach (var stuck in _stuckOutboxes.Problems(Now, _settings.StalledAfter))
            yield return stuck;
        if (_unserved.IsStalled(Now, _settings.StalledAfter, out var unserved) && _machine.FindUnserved() is (var queue, var consumer))
            yield return Text($"Consumer {consumer} has credit and queue '{queue}' has messages for it, but none was assigned for {unserved.TotalSeconds:0} s.");
        if (_machine.NextDue is { } due && TimeSpan.FromMilliseconds(LogNow.Milliseconds - due.Milliseconds, 0) is var late && late > _settings.StalledAfter)
            yield return Text($"Log time stands still: something was due at {due}, {late.TotalSeconds:0} s ago, and no command was committed since.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
