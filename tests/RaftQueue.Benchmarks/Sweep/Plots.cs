using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;
using RaftQueue.Benchmarks.Load;

namespace RaftQueue.Benchmarks.Sweep;

/// <summary>Sweeps as pictures: throughput, or latency where a rate is kept.</summary>
internal static class Plots
{
    private const double Width = 720;
    private const double Height = 420;

    /// <summary>Writes one SVG file, and returns where it is.</summary>
    public static string Write(string folder, SweepAxis axis, IReadOnlyList<LoadReport> reports)
    {
        var paced = reports.All(report => report.EndToEnd is not null);
        var path = Path.Combine(folder, $"{(paced ? "latency" : "throughput")}-by-{axis.Name}.svg");
        var model = paced ? Latency(axis, reports) : Throughput(axis, reports);
        Directory.CreateDirectory(folder);
        using var file = File.Create(path);
        new SvgExporter { Width = Width, Height = Height }.Export(model, file);
        return path;
    }

    private static PlotModel Throughput(SweepAxis axis, IReadOnlyList<LoadReport> reports)
    {
        var model = Model($"Messages confirmed a second, by {axis.Name}", axis.Name);
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = "messages/s", Minimum = 0, MajorGridlineStyle = LineStyle.Dot });
        model.Series.Add(Line("messages/s", axis, reports, report => report.MessagesPerSecond));
        return model;
    }

    private static PlotModel Latency(SweepAxis axis, IReadOnlyList<LoadReport> reports)
    {
        var model = Model("End-to-end latency, from the scheduled time of sending", "messages/s");
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "milliseconds", MajorGridlineStyle = LineStyle.Dot });
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.TopLeft });
        model.Series.Add(Line("p50", axis, reports, report => report.EndToEnd!.P50));
        model.Series.Add(Line("p99", axis, reports, report => report.EndToEnd!.P99));
        model.Series.Add(Line("p99.9", axis, reports, report => report.EndToEnd!.P999));
        return model;
    }

    private static PlotModel Model(string title, string x)
    {
        var model = new PlotModel { Title = title, Background = OxyColors.White };
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = x, MajorGridlineStyle = LineStyle.Dot });
        return model;
    }

    private static LineSeries Line(string title, SweepAxis axis, IReadOnlyList<LoadReport> reports, Func<LoadReport, double> value)
    {
        var line = new LineSeries { Title = title, MarkerType = MarkerType.Circle };
        line.Points.AddRange(reports.Select((report, place) => new DataPoint(axis.Values[place], value(report))));
        return line;
    }
}
