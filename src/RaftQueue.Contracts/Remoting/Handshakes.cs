namespace RaftQueue.Contracts.Remoting;

/// <summary>
/// The inbound connections from which no first frame has come yet. There is room for so many; a newcomer takes the place of the oldest,
/// which has had the most time: a handshake takes milliseconds.
/// </summary>
/// <param name="limit">How many there may be.</param>
internal sealed class Handshakes(int limit)
{
    private readonly LinkedList<Action> _oldestFirst = [];

    /// <summary>How many had to give way so far.</summary>
    public long GaveWay { get; private set; }

    /// <summary>Lets a connection in.</summary>
    /// <param name="giveWay">Closes it; called at most once, and not after it has left.</param>
    public LinkedListNode<Action> Enter(Action giveWay)
    {
        Action? oldest = null;
        LinkedListNode<Action> entered;
        lock (_oldestFirst)
        {
            if (_oldestFirst.Count >= limit)
            {
                oldest = _oldestFirst.First!.Value;
                _oldestFirst.RemoveFirst();
                GaveWay++;
            }

            entered = _oldestFirst.AddLast(giveWay);
        }

        oldest?.Invoke();
        return entered;
    }

    /// <summary>The handshake is over, well or not.</summary>
    public void Leave(LinkedListNode<Action> entered)
    {
        lock (_oldestFirst)
        {
            if (entered.List is not null)
                _oldestFirst.Remove(entered);
        }
    }
}
