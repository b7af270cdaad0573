using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftQueue.Server.Certificates;

/// <summary>Certificates and keys as text. A key can be read by its owner only.</summary>
internal static class PemFile
{
    /// <summary>Makes a folder for keys, which only its owner can look into.</summary>
    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Writes a certificate and its key side by side: NAME.pem and NAME.key.</summary>
    public static void WritePair(string folder, string name, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey() ?? throw new InvalidOperationException($"The certificate of {name} has no key.");
        WriteKey(Path.Combine(folder, $"{name}.key"), key);
        File.WriteAllText(Path.Combine(folder, $"{name}.pem"), certificate.ExportCertificatePem() + "\n");
    }

    // A key that is replaced must not keep the mode of the old file.
    private static void WriteKey(string path, ECDsa key)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(path);
        using var file = new StreamWriter(path, options);
        file.WriteLine(key.ExportPkcs8PrivateKeyPem());
    }
}
