using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.Server.Certificates;

namespace RaftQueue.MultiNode.Tests.Security;

/// <summary>An authority with certificates for the nodes and the client of a cluster under test, in a temporary folder.</summary>
internal sealed class CertificateFolder : IDisposable
{
    public CertificateFolder()
    {
        // Where a node listens, and where its connections come from.
        for (var node = 1; node <= 5; node++)
            Issue($"n{node}", [Loopback.Host, "127.0.0.1"]);
        Issue("client", []);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("raftqueue-certificates-").FullName;

    /// <summary>Signs a certificate that ends after so long; one that has ended already where that is negative.</summary>
    public void Issue(string name, IReadOnlyCollection<string> hosts, TimeSpan? life = null)
    {
        using var authority = CertificateAuthority.Of(Path);
        using var certificate = authority.Issue(name, hosts, DateTimeOffset.UtcNow + (life ?? TimeSpan.FromDays(1)));
        PemFile.WritePair(Path, name, certificate);
    }

    /// <summary>Trusts the other's authority too, and takes over its certificate for a name.</summary>
    public void TakeOver(CertificateFolder other, string name)
    {
        var authorities = System.IO.Path.Combine(Path, CertificateAuthority.CertificateFile);
        File.AppendAllText(authorities, File.ReadAllText(System.IO.Path.Combine(other.Path, CertificateAuthority.CertificateFile)));
        foreach (var file in new[] { $"{name}.pem", $"{name}.key" })
            File.Copy(System.IO.Path.Combine(other.Path, file), System.IO.Path.Combine(Path, file), overwrite: true);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
