using System.Text;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Node.Tests.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Hocon;

/// <summary>A file that does not say all that it was meant to say is refused with its line.</summary>
[Trait("Category", "Fault")]
public sealed class HoconFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("raftqueue { node = n1", 1, "{")]
    [InlineData("a = 1\nraftqueue {\n  node = n1\n  raft {\n  }\n", 2, "{")]
    [InlineData("a = 1\nlist = [n1,\n n2\n", 2, "[")]
    [InlineData("a { list = [n1, n2 }", 1, "[")]
    [InlineData("a = 1\nb = \"text\nc = 2", 2, "\"")]
    [InlineData("a = \"\"\"text\nc = 2", 1, "\"\"\"")]
    [InlineData("a = 1 # {\n}\nb = 2", 2, "closes nothing")]
    [InlineData("{ a = 1 }\n}", 2, "closes nothing")]
    [InlineData("a = 1\nport 7455", 2, "\"port 7455\" has no value")]
    [InlineData("a = 1\nb =", 2, "\"b\" has no value")]
    [InlineData("a = 1\nb = ${NAME\nc = 2", 2, "substitution")]
    [InlineData("nodes = 127.0.0.1:7001", 1, "quotes")]
    [InlineData("a = 1\ninclude file(\"b.conf\")", 2, "include file(")]
    [InlineData("raftqueue { node = n1 ] }", 1, "]")]
    public void F25_A_text_that_is_not_complete_is_refused_with_its_line(string text, int line, string what)
    {
        var file = Write("node.conf", text);

        var refused = Assert.Throws<RaftQueueConfigurationException>(() => HoconFile.Load(file));

        Assert.StartsWith($"{file}:{line}: ", refused.Message);
        Assert.Contains(what, refused.Message);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public void F25_What_HOCON_allows_is_read()
    {
        var file = Write("node.conf", """"
            { # comment {
              a { b = [1, 2, "]"] // }
                  c : "with { and \" and #" }
              a.d = """x "quoted" {"""
              "e.f" = one two
              a { g = ${a.d} }, h = {i = 1}
              lines = [
                n1
                { x = 1 }
              ]
              "j" {}
            }
            """");

        var config = HoconFile.Load(file);

        Assert.Equal(["1", "2", "]"], config.GetStringList("a.b"));
        Assert.Equal("with { and \" and #", config.GetString("a.c"));
        Assert.Equal("x \"quoted\" {", config.GetString("a.g"));
        Assert.Equal("1", config.GetString("h.i"));
    }

    [Fact]
    public void F25_A_variable_that_is_not_set_leaves_the_value_before_it()
    {
        var name = $"RQ_{Guid.NewGuid():N}";
        var file = Write("node.conf", $"a = 1\na = ${{?{name}}}\nb {{ c = 2, c = ${{?{name}}}, d = ${{?a}} }}");

        var config = HoconFile.Load(file);

        Assert.Equal(("1", "2", "1"), (config.GetString("a"), config.GetString("b.c"), config.GetString("b.d")));
    }

    [Fact]
    public void F25_A_variable_that_is_set_wins_over_the_value_before_it()
    {
        var name = $"RQ_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(name, "7 \"\\ {");

        var config = HoconFile.Load(Write("node.conf", $"a = 1\na = ${{?{name}}}, b = ${{{name}}}"));

        Assert.Equal(("7 \"\\ {", "7 \"\\ {"), (config.GetString("a"), config.GetString("b")));
    }

    [Fact]
    public void F25_A_substitution_that_names_nothing_is_refused_with_its_line()
    {
        var file = Write("node.conf", "a = 1\nb = ${RQ_NOTHING}");

        Assert.Equal($"{file}:2: ${{RQ_NOTHING}} names neither a key of this file nor a variable that is set.", Refusal(file));
    }

    [Theory]
    [InlineData("\uFEFF")]
    [InlineData("")]
    public void F25_A_mark_of_byte_order_and_carriage_returns_are_no_part_of_the_text(string mark)
    {
        var file = Write("node.conf", $"{mark}a {{\r\n  b = n1\r\n  c = 2s\r\n}}\r\n");

        var config = HoconFile.Load(file);

        Assert.Equal(("n1", TimeSpan.FromSeconds(2)), (config.GetString("a.b"), config.GetTimeSpan("a.c")));
    }

    [Fact]
    public void F25_An_empty_file_says_nothing() => Assert.False(HoconFile.Load(Write("empty.conf", "")).HasPath("raftqueue"));

    [Fact]
    public void F25_A_directory_in_the_place_of_a_file_is_named() =>
        Assert.Equal($"{_folder.Path}: cannot be read: it is a directory.", Refusal(_folder.Path));

    [Fact]
    public void F25_A_file_without_end_is_named() => Assert.Contains("/dev/zero: cannot be read: it is larger than", Refusal("/dev/zero"));

    [Fact]
    public void F25_What_is_no_text_is_named()
    {
        var file = _folder.PathOf("binary.conf");
        File.WriteAllBytes(file, [0x80, 0x81, 0xFF, (byte)'=']);

        Assert.Equal($"{file}: cannot be read: it is not UTF-8 text.", Refusal(file));
    }

    [Fact]
    public void F25_A_missing_include_is_named_with_the_line_that_includes_it()
    {
        var file = Write("node.conf", "a = 1\ninclude \"nowhere.conf\"");

        var refusal = Refusal(file);

        Assert.StartsWith($"{_folder.PathOf("nowhere.conf")}: cannot be read (included from {file}:2)", refusal);
    }

    [Fact]
    public void F25_A_fault_in_an_included_file_is_named_with_that_file()
    {
        var included = Write("common.conf", "x = 1\ny = [1");

        Assert.StartsWith($"{included}:2: ", Refusal(Write("node.conf", "include \"common.conf\"")));
    }

    [Fact]
    public void F25_Blocks_without_end_are_refused_and_no_stack_overflows() =>
        Assert.Contains("nested more than", Refusal(Write("deep.conf", new StringBuilder().Insert(0, "a {", 100_000).ToString())));

    [Fact]
    public void F25_A_file_that_includes_itself_is_refused() =>
        Assert.Contains("includes itself", Refusal(Write("self.conf", "include \"self.conf\"")));

    private static string Refusal(string file) => Assert.Throws<RaftQueueConfigurationException>(() => HoconFile.Load(file)).Message;

    private string Write(string name, string text)
    {
        var file = _folder.PathOf(name);
        File.WriteAllText(file, text);
        return file;
    }
}
