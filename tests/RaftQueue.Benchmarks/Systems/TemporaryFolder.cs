namespace RaftQueue.Benchmarks.Systems;

/// <summary>A folder that goes with its owner.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("raftqueue-bench-").FullName;

    public string PathOf(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
