using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RaftQueue.Contracts.Diagnostics;

namespace RaftQueue.Contracts.Tls;

/// <summary>
/// Decides whether a peer's certificate is good enough: issued by one of our authorities, valid today, meant for what it is used for, and for the host that shows it.
/// A refusal is a line in the log that says whose certificate it was and why.
/// </summary>
/// <param name="authorities">Whom we trust.</param>
/// <param name="checksInboundAddress">Whether a node's certificate must be for the address that the node comes from.</param>
/// <param name="nodes">The name of the nodes' actor system, where this program is a node: what it connects to under another name is a client. Null for a client.</param>
internal sealed class PeerCheck(X509Certificate2Collection authorities, bool checksInboundAddress, string? nodes = null)
{
    /// <summary>What a certificate must be meant for to be shown by a node that others connect to.</summary>
    public static readonly Oid ForNodes = new("1.3.6.1.5.5.7.3.1", "a node");

    /// <summary>What a certificate must be meant for to connect with.</summary>
    public static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2", "a client");

    /// <summary>Why the handshake must not go on; null where it may. A refusal is logged.</summary>
    /// <param name="certificate">What the peer shows.</param>
    /// <param name="peer">The Akka address that we connect to, or the socket address that somebody connects from.</param>
    /// <param name="errors">What the handshake itself found; of that only the name counts, because the machine's authorities are not ours.</param>
    /// <param name="log">Where a refusal is logged.</param>
    public string? Check(X509Certificate2? certificate, string peer, SslPolicyErrors errors, ThrottledLog log)
    {
        var isOutbound = peer.Contains("://", StringComparison.Ordinal);
        var objection = certificate is null ? "it shows none."
            : isOutbound ? ObjectionToCalled(certificate, peer, errors)
            : ObjectionToCaller(certificate, peer);
        if (objection is null)
            return null;
        var whose = isOutbound ? peer : HostIn(peer);
        log.Warning("certificate", whose, $"The certificate of {whose} ({certificate?.Subject ?? "none"}) is refused: {objection}");
        return objection;
    }

    /// <summary>Why a certificate is not good for that use, whoever shows it; null where it is.</summary>
    public string? ObjectionTo(X509Certificate2 certificate, Oid use)
    {
        if (DateTime.Now > certificate.NotAfter)
            return $"it expired on {certificate.NotAfter.ToUniversalTime():u}.";
        if (DateTime.Now < certificate.NotBefore)
            return $"it is not valid before {certificate.NotBefore.ToUniversalTime():u}.";
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(use);
        if (chain.Build(certificate))
            return null;
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if ((status & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid)) != 0)
            return $"its issuer, {certificate.Issuer}, is none of our authorities (raftqueue.tls.ca).";
        if (status.HasFlag(X509ChainStatusFlags.NotValidForUsage))
            return $"it is not meant for {use.FriendlyName}.";
        return string.Join(' ', chain.ChainStatus.Select(one => one.StatusInformation.Trim()));
    }

    /// <summary>Why a certificate is not good for a host; null where it is.</summary>
    public static string? ObjectionToHost(X509Certificate2 certificate, string host) =>
        certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false) ? null : $"it is for {HostsOf(certificate)}, not for {host}.";

    private string? ObjectionToCalled(X509Certificate2 certificate, string peer, SslPolicyErrors errors)
    {
        // An answer to a client whose connection has broken opens one to it.
        if (nodes is not null && !peer.Contains($"//{nodes}@", StringComparison.Ordinal))
            return ObjectionTo(certificate, ForClients);
        if (ObjectionTo(certificate, ForNodes) is { } objection)
            return objection;
        return errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? $"it is for {HostsOf(certificate)}, not for the host in {peer}." : null;
    }

    // A client's certificate names no host. A node's does, and is good for that host only, so that a stolen one is of no use elsewhere.
    private string? ObjectionToCaller(X509Certificate2 certificate, string peer)
    {
        if (ObjectionTo(certificate, ForClients) is { } objection)
            return objection;
        if (!checksInboundAddress || ObjectionTo(certificate, ForNodes) is not null)
            return null;
        return IPAddress.TryParse(HostIn(peer), out var address) && IsFor(certificate, address)
            ? null
            : $"it is for {HostsOf(certificate)}, but it comes from {HostIn(peer)}.";
    }

    /// <summary>The address without the port, which is another each time.</summary>
    public static string HostIn(string peer)
    {
        if (!IPEndPoint.TryParse(peer, out var end))
            return peer;
        return (end.Address.IsIPv4MappedToIPv6 ? end.Address.MapToIPv4() : end.Address).ToString();
    }

    private static bool IsFor(X509Certificate2 certificate, IPAddress address) =>
        certificate.MatchesHostname(address.ToString(), allowWildcards: false, allowCommonName: false)
        || NamesOf(certificate).SelectMany(names => names.EnumerateDnsNames()).Any(name => ResolvesTo(name, address));

    private static bool ResolvesTo(string name, IPAddress address)
    {
        try
        {
            return Dns.GetHostAddresses(name).Contains(address);
        }
        catch (SocketException)
        {
            return false; // a name that nobody knows leads nowhere
        }
    }

    private static string HostsOf(X509Certificate2 certificate)
    {
        var names = NamesOf(certificate).ToList();
        var hosts = names.SelectMany(name => name.EnumerateDnsNames()).Concat(names.SelectMany(name => name.EnumerateIPAddresses()).Select(ip => ip.ToString())).ToList();
        return hosts.Count > 0 ? string.Join(", ", hosts) : "no host";
    }

    private static IEnumerable<X509SubjectAlternativeNameExtension> NamesOf(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>();
}
