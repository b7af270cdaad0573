using System.CommandLine;
using RaftQueue.Simulation.Transcripts;

namespace RaftQueue.Simulation.Commands;

/// <summary><c>transcripts</c>: plays the scenarios and compares them with the files, or writes the files anew. Exit code 1 where they differ.</summary>
public static class TranscriptsCommand
{
    private const string Usual = "tests/RaftQueue.Core.Tests/Transcripts";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var write = new Option<bool>("--write") { Description = "Write the files anew." };
        var check = new Option<bool>("--check") { Description = "Compare with the files; this is the default." };
        var folder = new Option<string>("--folder") { Description = "Where the files are.", DefaultValueFactory = _ => Usual };
        folder.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } path && !Directory.Exists(path))
                result.AddError($"There is no folder {Path.GetFullPath(path)}. Run this at the root of the repository, or name the folder by --folder.");
        });
        var command = new Command("transcripts", "Scenarios of Raft in plain words.") { write, check, folder };
        command.SetAction(parsed => parsed.GetValue(write) ? Write(parsed.GetValue(folder)!) : Check(parsed.GetValue(folder)!));
        return command;
    }

    private static int Write(string folder)
    {
        foreach (var transcript in Transcript.All)
            File.WriteAllText(Path.Combine(folder, transcript.FileName), transcript.Render());
        Console.WriteLine($"{Transcript.All.Count} transcripts written to {folder}");
        return 0;
    }

    private static int Check(string folder)
    {
        var different = Transcript.All.Where(transcript => !IsSame(Path.Combine(folder, transcript.FileName), transcript.Render())).ToList();
        foreach (var transcript in different)
            Console.WriteLine($"{transcript.FileName} is not what happens any more");
        Console.WriteLine(different.Count == 0
            ? $"{Transcript.All.Count} transcripts are what happens"
            : "Read what changed, and if it is right: transcripts --write");
        return different.Count == 0 ? 0 : 1;
    }

    private static bool IsSame(string path, string text) => File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == text;
}
