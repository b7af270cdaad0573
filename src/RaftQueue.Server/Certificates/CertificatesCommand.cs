using System.CommandLine;

namespace RaftQueue.Server.Certificates;

/// <summary>Makes what <c>hocon/tls.conf</c> needs: an authority, and a certificate for each node and client.</summary>
internal static class CertificatesCommand
{
    public static Command Create()
    {
        var folder = new Option<string>("--out", "-o") { Description = "The folder; its authority is used, and made where there is none.", HelpName = "folder", DefaultValueFactory = _ => "certificates" };
        var nodes = new Option<string[]>("--node") { Description = "A node and the hosts at which others reach it, as in n1=10.0.0.1,queue1.example.", HelpName = "name=host,..." };
        var clients = new Option<string[]>("--client") { Description = "A client; the settings of a client look for the name \"client\".", HelpName = "name" };
        var days = new Option<int>("--days") { Description = "How long they are good for.", DefaultValueFactory = _ => 365 };
        var replace = new Option<bool>("--replace") { Description = "Replace certificates that are there already." };
        var command = new Command("certificates", "Makes an authority and the certificates for TLS between nodes and clients.") { folder, nodes, clients, days, replace };
        command.SetAction((parsed, _) => Failures.ReportAsync(() => Task.FromResult(Run(
            parsed.GetValue(folder)!, parsed.GetValue(nodes) ?? [], parsed.GetValue(clients) ?? [], parsed.GetValue(days), parsed.GetValue(replace)))));
        return command;
    }

    private static int Run(string folder, string[] nodes, string[] clients, int days, bool replaces)
    {
        if (nodes.Length + clients.Length == 0)
            throw new ArgumentException("For whom? Name nodes (--node n1=10.0.0.1) and clients (--client client).");
        if (days is < 1 or > 3650)
            throw new ArgumentException($"--days {days}: from 1 to 3650.");
        var wanted = nodes.Select(Parse).Concat(clients.Select(client => (Name: client, Hosts: Array.Empty<string>()))).ToList();
        var taken = wanted.Select(one => Path.Combine(folder, $"{one.Name}.pem")).FirstOrDefault(File.Exists);
        if (taken is not null && !replaces)
            throw new ArgumentException($"{taken} is there already; --replace makes a new one.");

        using var authority = CertificateAuthority.Of(folder);
        var until = DateTimeOffset.UtcNow.AddDays(days);
        foreach (var (name, hosts) in wanted)
        {
            using var certificate = authority.Issue(name, hosts, until);
            PemFile.WritePair(folder, name, certificate);
            Console.WriteLine($"{Path.Combine(folder, $"{name}.pem")}: {(hosts.Length > 0 ? $"a node at {string.Join(", ", hosts)}" : "a client")}, until {until:yyyy-MM-dd}");
        }

        Console.WriteLine($"Each needs its own two files and {CertificateAuthority.CertificateFile}. Keep {CertificateAuthority.KeyFile} away from all of them: whoever has it can let anybody in.");
        return ExitCodes.Success;
    }

    private static (string Name, string[] Hosts) Parse(string node)
    {
        var parts = node.Split('=', 2);
        var hosts = parts[^1].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return parts.Length == 2 && parts[0].Length > 0 && hosts.Length > 0
            ? (parts[0], hosts)
            : throw new ArgumentException($"--node {node}: write the name and its hosts, as in n1=10.0.0.1,queue1.example.");
    }
}
