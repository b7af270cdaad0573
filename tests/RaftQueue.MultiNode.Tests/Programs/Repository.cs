namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>Where things are in the repository that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The built assembly of a program, in the same configuration as the tests.</summary>
    public static string Program(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory); // .../bin/Debug/net10.0
        var file = Path.Combine(Root, project, "bin", output.Parent!.Name, output.Name, $"{Path.GetFileName(project)}.dll");
        return File.Exists(file) ? file : throw new FileNotFoundException($"{project} was not built: {file} does not exist.");
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RaftQueue.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No RaftQueue.sln above {AppContext.BaseDirectory}.");
    }
}
