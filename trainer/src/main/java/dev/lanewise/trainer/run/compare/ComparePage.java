package dev.lanewise.trainer.run.compare;

import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.run.metrics.MetricsHistory;
import dev.lanewise.trainer.run.metrics.StepColumns;
import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import dev.lanewise.trainer.run.page.Across;
import dev.lanewise.trainer.run.page.Across.Quantity;
import dev.lanewise.trainer.run.page.Chart;
import dev.lanewise.trainer.run.page.Html;
import dev.lanewise.trainer.run.page.Page;
import dev.lanewise.trainer.run.page.Template;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page of a comparison. Its size does not grow with the runs, but with how many there are. */
public final class ComparePage {

  /** What it says of itself, see {@link Page#mark}. */
  public static final String KIND = "compare";

  private static final Template BODY = Template.resource(ComparePage.class, "compare.html");
  private static final int INKS = 6;
  private static final int DASHES = 3;

  private final Comparison comparison;
  private final double lastStep;

  private ComparePage(Comparison comparison) {
    this.comparison = comparison;
    this.lastStep = comparison.groups().stream().mapToDouble(RunGroup::lastStep).max().orElse(0);
  }

  /**
   * Returns the page.
   *
   * @param now for people who wonder whether the runs have gone on since
   */
  public static String html(Comparison comparison, Instant now) {
    return new ComparePage(comparison).html(now);
  }

  private String html(Instant now) {
    int runs = comparison.groups().stream().mapToInt(group -> group.runs().size()).sum();
    String body =
        BODY.fill(
            Map.of(
                "notes",
                comparison.notes().stream()
                    .map(note -> "<p class=\"note\">" + Html.escape(note) + "</p>\n")
                    .collect(Collectors.joining()),
                "groups",
                html(ComparisonTable.of(comparison), true),
                "loss",
                losses("Validation loss", Quantity.STEPS, 0, MetricsHistory::validationLoss)
                    .tall()
                    .toHtml(),
                "charts",
                smallCharts(),
                "runs",
                html(ComparisonTable.ofRuns(comparison), false)));
    return Page.html(
        KIND, Counted.of(runs, "run") + " compared", "As they were on " + Page.moment(now), body);
  }

  private String smallCharts() {
    return Stream.of(
            losses(
                "Validation loss, second half",
                Quantity.STEPS,
                lastStep / 2,
                MetricsHistory::validationLoss),
            losses("Training loss", Quantity.STEPS, 0, MetricsHistory::trainingLoss),
            losses("Validation loss", Quantity.TOKENS, 0, MetricsHistory::validationLoss),
            losses("Training loss", Quantity.TOKENS, 0, MetricsHistory::trainingLoss),
            losses("Validation loss", Quantity.SECONDS, 0, MetricsHistory::validationLoss),
            losses("Training loss", Quantity.SECONDS, 0, MetricsHistory::trainingLoss),
            chart("Learning rate", "", Quantity.STEPS, 0, MetricsHistory::learningRate, 1)
                .fromZero(),
            chart(
                    "Gradient norm",
                    "before clipping",
                    Quantity.STEPS,
                    0,
                    MetricsHistory::gradientNorm,
                    1)
                .fitting())
        .filter(Chart::isDrawn)
        .map(Chart::toHtml)
        .collect(Collectors.joining());
  }

  private Chart losses(
      String name, Quantity quantity, double from, Function<MetricsHistory, StepColumns> values) {
    boolean bits = comparison.inBits();
    return chart(
        name, bits ? "bits per byte" : "nats per token", quantity, from, values, bits ? 0 : 1);
  }

  /**
   * A chart with a line for each group.
   *
   * @param from the first step
   * @param factor of the values; 0 for bits per byte
   */
  private Chart chart(
      String name,
      String unit,
      Quantity quantity,
      double from,
      Function<MetricsHistory, StepColumns> values,
      double factor) {
    List<RunGroup> groups = comparison.groups();
    double most = 0;
    List<List<Column>> placed = new ArrayList<>();
    for (RunGroup group : groups) {
      DoubleUnaryOperator place = place(group, quantity);
      double times = factor == 0 ? group.bitsPerNat() : factor;
      most = Math.max(most, place.applyAsDouble(group.lastStep()));
      placed.add(
          group.curve(values).stream()
              .filter(column -> column.step() >= from)
              .map(column -> column.at(place.applyAsDouble(column.step())).times(times))
              .toList());
    }
    String against = "against " + quantity.plural();
    Chart chart =
        new Chart(
            name,
            unit.isEmpty() ? against : unit + ", " + against,
            new Across(quantity, from, most));
    for (int i = 0; i < groups.size(); i++) {
      RunGroup group = groups.get(i);
      if (placed.get(i).isEmpty()) {
        continue;
      }
      if (group.runs().size() > 1) {
        chart.band(group.name(), style(i), placed.get(i));
      } else {
        chart.line(group.name(), style(i), placed.get(i));
      }
    }
    return chart;
  }

  private static DoubleUnaryOperator place(RunGroup group, Quantity quantity) {
    return switch (quantity) {
      case STEPS -> DoubleUnaryOperator.identity();
      case TOKENS -> group.tokensBefore();
      case SECONDS -> group.secondsBefore();
    };
  }

  /** What a group is drawn in, of the classes of the page. */
  private static String style(int group) {
    int dash = group / INKS % DASHES;
    return "ink" + group % INKS + (dash == 0 ? "" : " dash" + dash);
  }

  private static String html(ComparisonTable table, boolean keys) {
    StringBuilder html = new StringBuilder("<table>\n<thead><tr>");
    for (String head : table.heads()) {
      html.append("<th scope=\"col\">").append(Html.escape(head)).append("</th>");
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (int i = 0; i < table.rows().size(); i++) {
      List<String> row = table.rows().get(i);
      html.append("<tr><th scope=\"row\"")
          .append(keys ? " class=\"key " + style(i) + "\">" : ">")
          .append(Html.escape(row.getFirst()))
          .append("</th>");
      for (int c = 1; c < row.size(); c++) {
        html.append(
            "<td data-name=\"%s\">%s</td>"
                .formatted(Html.escape(table.heads().get(c)), Html.escape(row.get(c))));
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody>\n</table>\n").toString();
  }
}
