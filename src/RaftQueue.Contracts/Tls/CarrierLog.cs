using System.Security.Authentication;
using Akka.Actor;
using Akka.Event;

namespace RaftQueue.Contracts.Tls;

/// <summary>
/// Hands what the carrier of a transport logs to the log of the system that it serves. A failed handshake becomes one line instead of a page of advice, and the same
/// line each time, so that a log can leave out repetitions.
/// </summary>
internal sealed class CarrierLog : ReceiveActor
{
    private const int LongestReason = 120;

    private readonly EventStream _to;

    /// <param name="to">The event stream of the system that the transport serves.</param>
    public CarrierLog(EventStream to)
    {
        _to = to;
        Receive<LogEvent>(log =>
        {
            if (Translate(log) is { } line)
                _to.Publish(line);
        });
    }

    /// <inheritdoc />
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(LogEvent));

    private static LogEvent? Translate(LogEvent log)
    {
        var message = log.Message.ToString() ?? "";
        if (message.StartsWith("Rejected incoming connection", StringComparison.Ordinal))
            return null; // the line before it says why
        if (!message.StartsWith("TLS handshake failed on channel", StringComparison.Ordinal))
            return log;
        var cause = log.Cause?.GetBaseException();
        if (cause is AuthenticationException && cause.Message.Contains("ValidationCallback", StringComparison.Ordinal))
            return null; // the check has said what is wrong with the certificate
        var reason = cause?.Message ?? "the connection was closed";
        return new Warning(log.LogSource, log.LogClass, $"A TLS handshake failed: {(reason.Length > LongestReason ? reason[..LongestReason] + "..." : reason)}");
    }
}
