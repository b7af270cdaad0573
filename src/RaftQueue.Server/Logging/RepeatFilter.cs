namespace RaftQueue.Server.Logging;

/// <summary>Tells what was said a short while ago. A peer that is down is tried several times a second, and one line says it all.</summary>
internal sealed class RepeatFilter(TimeSpan quietTime)
{
    private const int MaxRemembered = 1000;

    private readonly Dictionary<string, DateTime> _said = [];

    /// <summary>Whether the same was said within the quiet time; otherwise it counts as said now.</summary>
    public bool IsRepeat(string message, DateTime now)
    {
        if (_said.TryGetValue(message, out var before) && now - before < quietTime)
            return true;
        if (_said.Count >= MaxRemembered)
            _said.Clear();
        _said[message] = now;
        return false;
    }
}
