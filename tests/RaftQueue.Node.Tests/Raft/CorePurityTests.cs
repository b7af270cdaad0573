using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using RaftQueue.Core.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>The rules know no actors, no clock, no chance and no disk (P1): that is what lets a simulator and a node run the same ones.</summary>
public sealed class CorePurityTests
{
    private static readonly string[] Impure =
    [
        "System.Random", "System.Console", "System.TimeProvider", "System.Diagnostics.Stopwatch", "System.IO.File", "System.IO.FileStream",
        "System.IO.Directory", "System.Threading.Thread", "System.Threading.Monitor", "System.Threading.Timer", "System.Threading.Tasks.Task",
        "System.Security.Cryptography.RandomNumberGenerator",
    ];

    private static readonly string[] ImpureMembers =
        ["Environment.get_TickCount", "Environment.get_TickCount64", "DateTime.get_Now", "DateTime.get_UtcNow", "DateTimeOffset.get_Now", "DateTimeOffset.get_UtcNow", "Guid.NewGuid"];

    [Fact]
    public void Core_references_only_the_runtime_and_the_contracts()
    {
        var references = typeof(Rules).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).ToList();
        Assert.Contains("RaftQueue.Contracts", references);
        Assert.All(references, name => Assert.True(name.StartsWith("System.", StringComparison.Ordinal) || name == "RaftQueue.Contracts", $"Core references {name}."));
    }

    [Fact]
    public void Core_asks_no_clock_no_chance_and_no_disk()
    {
        using var file = new PEReader(File.OpenRead(typeof(Rules).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var types = metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Select(type => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}").ToHashSet();
        Assert.Contains("System.TimeSpan", types); // it does read references
        Assert.Empty(types.Intersect(Impure));

        var members = metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => $"{metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name)}.{metadata.GetString(member.Name)}");
        Assert.Empty(members.Intersect(ImpureMembers));
    }
}
