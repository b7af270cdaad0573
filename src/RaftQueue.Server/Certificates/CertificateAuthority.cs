using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftQueue.Server.Certificates;

/// <summary>An authority of one's own for the certificates of one cluster: a certificate that everybody trusts, and the key that signs the others.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    /// <summary>The file of the authority's certificate; every node and client has it.</summary>
    public const string CertificateFile = "ca.pem";

    /// <summary>The file of its key; whoever has it can let anybody in.</summary>
    public const string KeyFile = "ca.key";

    private static readonly Oid ForNodes = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");
    private static readonly TimeSpan OwnLife = TimeSpan.FromDays(3650);

    // Clocks differ a little from machine to machine.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The authority of a folder, which is made where there is none.</summary>
    /// <exception cref="ArgumentException">Only one of its two files is there.</exception>
    public static CertificateAuthority Of(string folder)
    {
        var (certificate, key) = (Path.Combine(folder, CertificateFile), Path.Combine(folder, KeyFile));
        if (File.Exists(certificate) != File.Exists(key))
            throw new ArgumentException($"{folder} has only one of {CertificateFile} and {KeyFile}; both are needed to sign, neither to make a new authority.");
        if (File.Exists(certificate))
            return new CertificateAuthority(X509Certificate2.CreateFromPemFile(certificate, key));
        PemFile.CreateFolder(folder);
        var authority = Create();
        PemFile.WritePair(folder, Path.GetFileNameWithoutExtension(CertificateFile), authority._certificate);
        return authority;
    }

    /// <summary>Signs a certificate and returns it with its key.</summary>
    /// <param name="name">Who shows it.</param>
    /// <param name="hosts">Host names and addresses at which it is a node; none for a client.</param>
    /// <param name="until">When it ends.</param>
    public X509Certificate2 Issue(string name, IReadOnlyCollection<string> hosts, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(hosts.Count > 0 ? [ForNodes, ForClients] : [ForClients], critical: false));
        if (hosts.Count > 0)
            request.CertificateExtensions.Add(Names(hosts));
        // Authorities of old and new may stand in one file: which one has signed must not be guessed by the name.
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var end = Earlier(until, _certificate.NotAfter);
        using var signed = request.Create(_certificate, Earlier(DateTimeOffset.UtcNow, end) - ClockTolerance, end, RandomNumberGenerator.GetBytes(16));
        return signed.CopyWithPrivateKey(key);
    }

    /// <inheritdoc />
    public void Dispose() => _certificate.Dispose();

    private static CertificateAuthority Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=RaftQueue cluster {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        // A day back, so that a certificate that has expired already can be made for a test.
        return new CertificateAuthority(request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow + OwnLife));
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static X509Extension Names(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        return names.Build();
    }
}
