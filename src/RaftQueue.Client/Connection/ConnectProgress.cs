using RaftQueue.Contracts.Client;

namespace RaftQueue.Client.Connection;

/// <summary>
/// What has become of the attempts to reach a first node. Connecting ends when one has answered, or at once when it is known of all that
/// none will. May be used by
/// several threads.
/// </summary>
/// <param name="addresses">The nodes that are asked.</param>
/// <param name="waitsForNodes">Whether a node that is not there may still be started.</param>
internal sealed class ConnectProgress(IEnumerable<string> addresses, bool waitsForNodes)
{
    // A node that is just being stopped closes connections, too.
    private const int ClosedInARow = 3;

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, (ConnectFailure Failure, int InARow)> _failures = addresses.Distinct().ToDictionary(
        address => address, address => (new ConnectFailure(address, ConnectFailureKind.Silent, "no connection was made"), 0));

    /// <summary>Completes when a node has answered; fails when none will.</summary>
    public Task Connected => _connected.Task;

    /// <summary>What is known of each node.</summary>
    public IReadOnlyList<ConnectFailure> Failures
    {
        get
        {
            lock (_lock)
                return [.. _failures.Values.Select(known => known.Failure)];
        }
    }

    /// <summary>The failures as a part of a sentence.</summary>
    public string Description => string.Join("; ", Failures);

    /// <summary>A node has answered.</summary>
    public void Succeed() => _connected.TrySetResult();

    /// <summary>A node is connected; whether it answers is still to be seen.</summary>
    public void Reached(string address)
    {
        lock (_lock)
        {
            if (_failures.ContainsKey(address))
                _failures[address] = (new ConnectFailure(address, ConnectFailureKind.Silent, "a connection is there, but the node does not answer"), 0);
        }
    }

    /// <summary>A node goes by another address than it was asked at.</summary>
    public void Moved(string address, string own)
    {
        lock (_lock)
        {
            if (_failures.Remove(address))
                _failures.TryAdd(own, (new ConnectFailure(own, ConnectFailureKind.Silent, $"no connection was made; {address} goes by this address"), 0));
        }
    }

    /// <summary>A node could not be reached.</summary>
    public void Fail(ConnectFailure failure)
    {
        lock (_lock)
        {
            if (!_failures.TryGetValue(failure.Address, out var before))
                return;
            _failures[failure.Address] = (failure, before.Failure.Kind == failure.Kind ? before.InARow + 1 : 1);
            if (!_failures.Values.All(IsFinal))
                return;
        }

        _connected.TrySetException(new ConnectFailedException($"No node answered. {Description}.", Failures));
    }

    private bool IsFinal((ConnectFailure Failure, int InARow) known) => known.Failure.Kind switch
    {
        ConnectFailureKind.NoTls or ConnectFailureKind.CertificateRefused or ConnectFailureKind.OtherSystem => true,
        ConnectFailureKind.Closed => known.InARow >= ClosedInARow,
        ConnectFailureKind.Refused or ConnectFailureKind.UnknownHost or ConnectFailureKind.Unreachable => !waitsForNodes,
        _ => false,
    };
}
