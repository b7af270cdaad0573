using System.CommandLine;

namespace RaftQueue.Server.Operating;

/// <summary>The option that names a group; most clusters have one.</summary>
internal static class GroupOption
{
    public static Option<int> Create()
    {
        var option = new Option<int>("--group") { Description = "The Raft group, counted from 0.", HelpName = "number" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 0)
                result.AddError("--group is counted from 0.");
        });
        return option;
    }
}
