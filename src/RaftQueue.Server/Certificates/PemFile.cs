using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftQueue.Server.Certificates;

/// <summary>Certificates and keys as text. A key can be read by its owner only.</summary>
internal static class PemFile
{
    /// <summary>Writes a certificate and its key side by side: NAME.pem and NAME.key.</summary>
    public static void WritePair(string folder, string name, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey() ?? throw new InvalidOperationException($"The certificate of {name} has no key.");
        WriteKey(Path.Combine(folder, $"{name}.key"), key);
        File.WriteAllText(Path.Combine(folder, $"{name}.pem"), certificate.ExportCertificatePem() + "\n");
    }

    private static void WriteKey(string path, ECDsa key)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(path, options);
        file.WriteLine(key.ExportPkcs8PrivateKeyPem());
    }
}
