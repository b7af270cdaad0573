namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>Tests that start real processes: one at a time, because the files in hocon/ name fixed ports.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProgramsCollection
{
    public const string Name = "programs";
}
