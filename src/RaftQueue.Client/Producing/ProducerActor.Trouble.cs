using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Producing;

/// <summary>
/// What a producer does when a command is not confirmed. Two things can happen. The command did not reach a leader that could store it:
/// everything unconfirmed goes again, in order. Or it was refused for good: its numbers stay unused, so nothing behind it can be stored
/// under theirs. Then the producer waits until the fate of every command on its way is known, and gives those that were not stored new
/// numbers under a new producer id.
/// </summary>
internal sealed partial class ProducerActor
{
    // A first failure is usually a change of leader, and the connection already knows the new one.
    private const int RetriesAtOnce = 2;

    private int _troubles;
    private (RefusalCode Code, string Message) _lastTrouble = (RefusalCode.Unknown, "no answer");
    private bool _isRenumbering;
    private bool _isForgotten;

    private bool IsInTrouble => _isRenumbering || Timers.IsTimerActive(RetryDue.Instance);

    private void OnTrouble(Frame frame, IReply reply)
    {
        switch (reply)
        {
            case NotLeader:
                _lastTrouble = (RefusalCode.Unknown, "the leader changed");
                Retry();
                break;
            case Refused busy when Refusals.IsTransient(busy.Code):
                _lastTrouble = (busy.Code, busy.Message);
                Pause();
                break;
            case Refused { Code: RefusalCode.SequenceGap } gap:
                _lastTrouble = (gap.Code, gap.Message);
                OnGap(frame);
                break;
            case Refused { Code: RefusalCode.SequenceForgotten } forgotten:
                Remove(frame);
                frame.Fail(Refusals.ToException(forgotten));
                break;
            case Refused refused:
                Remove(frame);
                frame.Fail(Refusals.ToException(refused, frame.Outcome.IsUnknown));
                Renumber();
                break;
            default:
                Remove(frame);
                frame.Fail(Refusals.Unexpected<Enqueued>(reply));
                Renumber();
                break;
        }
    }

    private void OnLost(AttemptLost lost)
    {
        if (!_byTag.TryGetValue(lost.Tag, out var frame))
            return;
        frame.Outcome.Lost(lost);
        if (frame.LatestTag != lost.Tag)
            return;
        _lastTrouble = (RefusalCode.Unknown, lost.Why);
        Retry();
    }

    private void OnGap(Frame frame)
    {
        if (_isRenumbering)
        {
            SetAside(frame);
            RenumberWhenSettled();
        }
        else if (frame.WasOldest)
        {
            // Everything before it was confirmed and yet the broker misses it: it has forgotten this producer.
            _isForgotten = true;
            SetAside(frame);
            Renumber();
        }
        else
        {
            Retry();
        }
    }

    /// <summary>The frame is not stored under its numbers, unless it was before the broker forgot them: then nobody can tell.</summary>
    private void SetAside(Frame frame)
    {
        if (!_isForgotten || frame.Attempts == 1)
        {
            frame.IsUnstored = true;
            return;
        }

        Remove(frame);
        var message = $"Queue '{_settings.Queue}' has forgotten this producer while a message was being retried; whether it was stored cannot be told.";
        frame.Fail(new RaftQueueException(RefusalCode.SequenceForgotten, message) { OutcomeUnknown = true });
    }

    private void Renumber()
    {
        _isRenumbering = true;
        RenumberWhenSettled();
    }

    private void RenumberWhenSettled()
    {
        if (!_isRenumbering || !_frames.TrueForAll(frame => frame.IsUnstored))
            return;
        (_producer, _nextSequence, _isRenumbering, _isForgotten) = (ProducerId.New(), 1, false, false);
        _byTag.Clear();
        foreach (var frame in _frames)
        {
            frame.Number(_settings.Queue, _producer, _nextSequence);
            _nextSequence += frame.Count;
        }

        SendAgain();
    }

    private void Retry()
    {
        if (_troubles++ < RetriesAtOnce)
            SendAgain();
        else
            Pause();
    }

    private void Pause()
    {
        if (!Timers.IsTimerActive(RetryDue.Instance))
            Timers.StartSingleTimer(RetryDue.Instance, RetryDue.Instance, _settings.Backoff.PauseBefore(_troubles++));
    }

    /// <summary>Everything whose fate is open, from the oldest on: a later command never overtakes an earlier one.</summary>
    private void SendAgain()
    {
        Timers.Cancel(RetryDue.Instance);
        foreach (var frame in _frames.Where(frame => !frame.IsUnstored))
            Send(frame);
        SendNew();
    }
}
