using Xunit;

namespace RaftQueue.Benchmarks.Guard;

/// <summary>A fact about optimized code.</summary>
public sealed class ReleaseFactAttribute : FactAttribute
{
    /// <summary>Skipped in a debug build, where it would measure the wrong thing.</summary>
    public ReleaseFactAttribute()
    {
#if DEBUG
        Skip = "Measures optimized code: run it with -c Release.";
#endif
    }
}
