package dev.lanewise.trainer.run.report;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.run.metrics.MetricsHistory;
import dev.lanewise.trainer.run.metrics.StepColumns;
import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import dev.lanewise.trainer.run.page.Across;
import dev.lanewise.trainer.run.page.Chart;
import dev.lanewise.trainer.run.page.Figures;
import dev.lanewise.trainer.run.page.Html;
import dev.lanewise.trainer.run.page.Page;
import dev.lanewise.trainer.run.page.Template;
import dev.lanewise.trainer.settings.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The file report.html of a run. Its size does not grow with the run. */
public final class RunReport {

  private static final Template BODY = Template.resource(RunReport.class, "report.html");

  private static final int ENOUGH_FOR_HALF = 20;

  private final MetricsHistory history;
  private final Settings settings;

  private RunReport(MetricsHistory history, Settings settings) {
    this.history = history;
    this.settings = settings;
  }

  /**
   * What to say about a run besides what it logged.
   *
   * @param title its name
   * @param facts in a few words each, in order
   * @param settings all of them
   */
  public record Subject(String title, Map<String, String> facts, Settings settings) {}

  /**
   * Writes the report.
   *
   * @param now for people who wonder whether it is still written
   */
  public static void write(Path report, MetricsHistory history, Subject subject, Instant now)
      throws IOException {
    DurableFiles.replace(report, new RunReport(history, subject.settings).html(subject, now));
  }

  private String html(Subject subject, Instant now) {
    String body =
        BODY.fill(
            Map.of(
                "tiles",
                    new Tiles(history, named("training loss"), settings.step().knownSteps()).html(),
                "loss", lossChart(),
                "charts", String.join("", smallCharts()),
                "samples", SampleList.html(history),
                "facts", facts(subject.facts),
                "settings", SettingsTable.html(settings)));
    return Page.html("report", subject.title, state(now), body);
  }

  private String state(Instant now) {
    return "After %s, on %s"
        .formatted(
            settings.step().isOpen()
                ? Figures.steps(history.completedSteps())
                : "%s of %s"
                    .formatted(
                        Figures.whole(history.completedSteps()),
                        Figures.steps(settings.step().steps())),
            Page.moment(now));
  }

  private String lossChart() {
    return chart("Loss", "nats per token")
        .tall()
        .band(named("training"), "train", history.trainingLoss().columns())
        .line("validation", "valid", history.validationLoss().columns())
        .marks("spikes", "spike", history.spikes().columns())
        .marksAtBottom("skipped steps", "skip", history.skippedSteps().columns())
        .toHtml();
  }

  /** The training loss by a name; at another temperature it is another loss than validation's. */
  private String named(String name) {
    double temperature = settings.model().lossTemperature();
    return temperature == 1 ? name : name + ", at temperature " + temperature;
  }

  private List<String> smallCharts() {
    return Stream.of(
            secondHalf(),
            chart("Gradient norm", "before clipping")
                .fitting()
                .band("gradient norm", "norm", history.gradientNorm().columns())
                .level("clip", settings.optimizer().clip()),
            chart("Throughput", "tokens per second")
                .fromZero()
                .band("tokens per second", "speed", history.tokensPerSecond().columns()),
            memoryChart(),
            chart("Learning rate", "")
                .fromZero()
                .line("learning rate", "rate", history.learningRate().columns()))
        .filter(Chart::isDrawn)
        .map(Chart::toHtml)
        .toList();
  }

  /** Where the beginning does not press the rest flat. */
  private Chart secondHalf() {
    double steps = (double) history.completedSteps();
    double half = steps / 2;
    Chart chart = new Chart("Loss, second half", "nats per token", Across.steps(half, steps));
    return steps < ENOUGH_FOR_HALF
        ? chart
        : chart
            .band(named("training"), "train", from(half, history.trainingLoss()))
            .line("validation", "valid", from(half, history.validationLoss()));
  }

  private Chart chart(String name, String unit) {
    return new Chart(name, unit, Across.steps(0, (double) history.completedSteps()));
  }

  private Chart memoryChart() {
    List<Column> heap = history.heapBytes().columns();
    List<Column> resident = history.residentBytes().columns();
    double most =
        Stream.concat(heap.stream(), resident.stream()).mapToDouble(Column::most).max().orElse(0);
    double unit = most >= Figures.GIB ? Figures.GIB : Figures.MIB;
    Chart chart =
        chart("Memory", unit == Figures.GIB ? "GiB" : "MiB")
            .fromZero()
            .band("Java heap", "heap", in(unit, heap));
    return resident.isEmpty() ? chart : chart.band("process", "resident", in(unit, resident));
  }

  private static List<Column> in(double unit, List<Column> columns) {
    return columns.stream().map(column -> column.times(1 / unit)).toList();
  }

  private static List<Column> from(double step, StepColumns columns) {
    return columns.columns().stream().filter(column -> column.step() >= step).toList();
  }

  private static String facts(Map<String, String> facts) {
    StringBuilder rows = new StringBuilder();
    facts.forEach(
        (name, value) ->
            rows.append(
                "<div><dt>%s</dt><dd>%s</dd></div>\n"
                    .formatted(Html.escape(name), Html.escape(value))));
    return rows.toString();
  }
}
