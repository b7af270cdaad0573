using System.Net;
using System.Net.Sockets;

namespace RaftQueue.Contracts.Addressing;

/// <summary>The name or the IP address of a host, as people write it, and as it stands in an Akka address.</summary>
internal static class HostName
{
    /// <summary>Why a text names no host; null where it does.</summary>
    public static string? ProblemOf(string text)
    {
        if (text.Length == 0)
            return "the host is missing";
        if (text.Any(char.IsWhiteSpace))
            return $"the host \"{text}\" has white space in it";
        var host = Unbracketed(text);
        if (host.Contains('%', StringComparison.Ordinal))
            return $"the scope of a link-local address ({text}) means something on one machine only; use another address of that host";
        if (IPAddress.TryParse(host, out var address))
            return IsWhole(host, address) ? null : $"\"{text}\" is not a whole IPv4 address";
        if (host.Length != text.Length)
            return $"\"{text}\" is in brackets and is not an IPv6 address";
        if (host.Contains(':', StringComparison.Ordinal))
            return $"\"{text}\" is neither a host nor an IPv6 address; a port does not belong here";
        if (host.All(character => char.IsAsciiDigit(character) || character == '.'))
            return $"\"{text}\" is not an IPv4 address";
        return Uri.CheckHostName(host) == UriHostNameType.Dns ? null : $"\"{text}\" is neither a host name nor an IP address";
    }

    /// <summary>Whether it stands for every address of a machine, so that nobody can connect to it.</summary>
    public static bool IsWildcard(string host) =>
        IPAddress.TryParse(Unbracketed(host), out var address) && (Plain(address).Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    /// <summary>
    /// As it stands in an Akka address: an IPv6 address in brackets and a name in lower case, because two addresses are the same only where
    /// their texts are.
    /// </summary>
    public static string InAddress(string host)
    {
        if (!IPAddress.TryParse(Unbracketed(host), out var address))
            return host.ToLowerInvariant();
        return Plain(address).AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : Plain(address).ToString();
    }

    /// <summary>Without the brackets that an IPv6 address has before a port.</summary>
    public static string Unbracketed(string host) => host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;

    // An IPv4 address that is mapped into IPv6 is that address.
    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    // "1" is read as 0.0.0.1, and "127.1" as 127.0.0.1.
    private static bool IsWhole(string host, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 || (host.Count(character => character == '.') == 3 && !host.Contains('x', StringComparison.OrdinalIgnoreCase));
}
