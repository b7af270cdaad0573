using Akka.Actor;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;

namespace RaftQueue.Node.Queue;

// A pull is a consumer until nothing of it is held any more: its client names it as it names its subscriptions, and it ends with its
// client.
internal sealed partial class QueueHost
{
    private void AnswerPull(QueueEffect.Answer answer)
    {
        // One that was answered with nothing is over. One without a connection is ended, or asks again and is answered then.
        var pull = answer.Leases.Count == 0
            ? _subscriptions.Remove(answer.Queue, answer.Consumer)
            : _subscriptions.Find(answer.Queue, answer.Consumer);
        if (pull is not { IsPull: true, IsCutOff: false })
            return;
        pull.IsAnswered = true;
        Answer(new PullAnswer(pull.Origin, answer));
    }

    private void Doubt(Address client)
    {
        _subscriptions.Doubt(client, Now - _settings.SessionTimeout + _settings.DisconnectGrace);
        EndAbandonedPulls();
    }

    /// <summary>Nobody waits for their answers: a client that is still there asks again.</summary>
    private void EndAbandonedPulls()
    {
        if (!_isLeading)
            return;
        foreach (var pull in _subscriptions.AbandonedPulls())
            ProposeOwn(new Unsubscribe(pull.Queue, pull.Consumer, StartedThrough: 0));
    }
}
