using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;

namespace RaftQueue.Contracts.Addressing;

/// <summary>Where a node is reached, as people write it: host:port, with an IPv6 address in brackets.</summary>
/// <param name="Host">The host, as in an Akka address.</param>
/// <param name="Port">The port.</param>
internal sealed record HostAndPort(string Host, int Port)
{
    /// <summary>Reads host:port.</summary>
    /// <param name="text">What somebody wrote.</param>
    /// <param name="parsed">The address.</param>
    /// <param name="problem">What is wrong with it, where it is none.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out HostAndPort? parsed, [NotNullWhen(false)] out string? problem)
    {
        parsed = null;
        var colon = text.LastIndexOf(':');
        if (text.Contains("://", StringComparison.Ordinal) || text.Contains('/', StringComparison.Ordinal))
            problem = "a scheme or a path does not belong here";
        else if (text.Count(character => character == ':') > 1 && !text.StartsWith('['))
            problem = "an IPv6 address stands in brackets before its port, such as [::1]:7001";
        else if (colon < 0)
            problem = "the port is missing";
        else if (text[..colon] is var host && HostName.ProblemOf(host) is { } wrong)
            problem = wrong;
        else if (HostName.IsWildcard(host))
            problem = $"{host} stands for every address of a machine; write one at which the node is reached";
        else if (!int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > ushort.MaxValue)
            problem = $"\"{text[(colon + 1)..]}\" is not a port from 1 to {ushort.MaxValue}";
        else
            (parsed, problem) = (new HostAndPort(HostName.InAddress(host), port), null);
        return parsed is not null;
    }

    /// <summary>Reads a full Akka address of a node, such as <c>akka.tcp://raftqueue@10.0.0.1:7001</c>.</summary>
    /// <param name="text">What somebody wrote.</param>
    /// <param name="address">The address, with its host as it stands in addresses.</param>
    /// <param name="problem">What is wrong with it, where it is none.</param>
    public static bool TryParseAkka(string text, [NotNullWhen(true)] out Address? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
            problem = "the name of the actor system is missing";
        else if (!TryParse(text[(at + 1)..].TrimEnd('/'), out var place, out problem))
            return false;
        else if (!Address.TryParse($"{text[..at]}@{place}", out address) || !address.Protocol.StartsWith("akka.", StringComparison.Ordinal))
            (address, problem) = (null, "it does not begin with akka.tcp:// or akka.ssl.tcp:// and the name of an actor system");
        return address is not null;
    }

    /// <summary>
    /// Whether another text for a place means the same: the same port, at names or addresses that have an IP address in common.
    /// </summary>
    public bool IsSameAs(HostAndPort other) =>
        Port == other.Port && (Host == other.Host || AddressesOf(Host).Intersect(AddressesOf(other.Host)).Any());

    /// <inheritdoc />
    public override string ToString() => $"{Host}:{Port}";

    private static IPAddress[] AddressesOf(string host)
    {
        try
        {
            return Dns.GetHostAddresses(HostName.Unbracketed(host));
        }
        catch (SocketException)
        {
            return []; // a name that nobody knows means nothing
        }
    }
}
