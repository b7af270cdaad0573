namespace RaftQueue.Server;

/// <summary>What the server tells the shell.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The cluster was asked, and did not answer, refused, or is not healthy.</summary>
    public const int Failed = 1;

    /// <summary>
    /// Something that the operator has to mend before it can work: arguments, settings, data directory, address, a name that another node
    /// has.
    /// </summary>
    public const int CannotStart = 2;

    /// <summary>A node that ran has stopped by itself, because a part of it died. Starting it again is the remedy.</summary>
    public const int NodeFailed = 3;
}
