using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RaftQueue.Contracts.Hocon;

namespace RaftQueue.Contracts.Tls;

/// <summary>A program's own certificate, with its key, and the authorities whose certificates it accepts.</summary>
/// <param name="Own">What this program shows.</param>
/// <param name="Authorities">Whom it trusts.</param>
internal sealed record TlsCertificates(X509Certificate2 Own, X509Certificate2Collection Authorities)
{
    /// <summary>Reads the files, and refuses a certificate that the others would refuse.</summary>
    /// <exception cref="RaftQueueConfigurationException">A file cannot be read, or the certificate is of no use; names the key, the file and what is wrong.</exception>
    public static TlsCertificates Load(TlsSettings settings)
    {
        var authorities = new X509Certificate2Collection();
        Read("ca", settings.Authorities, () => authorities.ImportFromPemFile(settings.Authorities));
        if (authorities.Count == 0)
            throw Refuse("ca", settings.Authorities, "holds no certificate.");
        var certificates = new TlsCertificates(Read("certificate", settings.Certificate, () => LoadOwn(settings)), authorities);
        return certificates.Objection(settings) is { } objection ? throw Refuse("certificate", settings.Certificate, objection) : certificates;
    }

    private string? Objection(TlsSettings settings)
    {
        var check = new PeerCheck(Authorities, checksInboundAddress: false);
        if (settings.Host is not { } host)
            return check.ObjectionTo(Own, PeerCheck.ForClients);
        return check.ObjectionTo(Own, PeerCheck.ForNodes) ?? check.ObjectionTo(Own, PeerCheck.ForClients) ?? PeerCheck.ObjectionToHost(Own, host);
    }

    // Through PKCS #12, because Windows cannot use a key that lies in memory only.
    private static X509Certificate2 LoadOwn(TlsSettings settings)
    {
        using var pem = X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key);
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), password: null);
    }

    private static void Read(string key, string file, Action read) => Read(key, file, () =>
    {
        read();
        return true;
    });

    private static T Read<T>(string key, string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Refuse(key, file, $"cannot be read: {problem.Message}", problem);
        }
    }

    private static RaftQueueConfigurationException Refuse(string key, string file, string problem, Exception? cause = null) =>
        new($"{TlsSettings.Section}.{key}", $"{file}: {problem}", cause);
}
