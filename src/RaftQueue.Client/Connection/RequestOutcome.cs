using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Connection;

/// <summary>
/// What may be claimed about a request that was not confirmed. It was certainly not carried out only where each of its attempts was refused
/// or
/// never left this process. An attempt that left and was not answered, or whose fate is not known yet, makes the outcome unknown.
/// </summary>
internal sealed class RequestOutcome
{
    private int _open;
    private bool _isUnknown;

    /// <summary>How many attempts were made.</summary>
    public int Attempts { get; private set; }

    /// <summary>The request may have been carried out, or may yet be.</summary>
    public bool IsUnknown => _isUnknown || _open > 0;

    /// <summary>Whether an attempt is not decided yet.</summary>
    public bool IsOpen => _open > 0;

    /// <summary>The connection is given an attempt. From here on it may have been sent.</summary>
    public void Begin()
    {
        _open++;
        Attempts++;
    }

    /// <summary>An attempt was answered, with whatever the node says of it.</summary>
    public void Answered(IReply reply) => End(reply is NotLeader { OutcomeUnknown: true } or Refused { OutcomeUnknown: true });

    /// <summary>An attempt will not be answered.</summary>
    public void Lost(AttemptLost lost) => End(lost.WasSent);

    private void End(bool isUnknown)
    {
        _open--;
        _isUnknown |= isUnknown;
    }
}
