using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>A test that needs <see cref="PostgresServer"/>; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.ReasonToSkip;
}
