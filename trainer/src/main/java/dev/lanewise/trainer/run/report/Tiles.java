package dev.lanewise.trainer.run.report;

import dev.lanewise.trainer.run.metrics.MetricsHistory;
import dev.lanewise.trainer.run.metrics.StepColumns;
import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import dev.lanewise.trainer.run.page.Figures;
import dev.lanewise.trainer.run.page.Html;
import java.util.List;
import java.util.Locale;

/**
 * The few figures that are looked at first.
 *
 * @param trainingLoss the name of the training loss
 * @param steps of the whole run; less than 0 if nobody knows
 */
record Tiles(MetricsHistory history, String trainingLoss, long steps) {

  String html() {
    StringBuilder tiles = new StringBuilder();
    history
        .bestEvaluation()
        .ifPresent(
            best ->
                appendTile(
                    tiles,
                    "best validation loss",
                    String.format(Locale.ROOT, "%.4f", best.loss()),
                    String.format(
                        Locale.ROOT,
                        "perplexity %,.2f, after %s",
                        Math.exp(best.loss()),
                        Figures.steps(best.completedSteps()))));
    appendLast(tiles, trainingLoss, "%.4f", history.trainingLoss());
    appendLast(tiles, "tokens per second", "%,.0f", history.tokensPerSecond());
    appendTile(tiles, "time in steps", Figures.duration(history.totalMilliseconds()), left());
    most(history.residentBytes(), "memory, at most", tiles);
    if (history.residentBytes().columns().isEmpty()) {
      most(history.heapBytes(), "heap, at most", tiles);
    }
    return tiles.toString();
  }

  private String left() {
    long more = steps - history.completedSteps();
    List<Column> columns = history.milliseconds().columns();
    return more <= 0 || columns.isEmpty()
        ? ""
        : "about %s to go".formatted(Figures.duration(more * columns.getLast().mean()));
  }

  private static void appendLast(
      StringBuilder tiles, String name, String format, StepColumns values) {
    List<Column> columns = values.columns();
    if (!columns.isEmpty()) {
      Column last = columns.getLast();
      appendTile(
          tiles,
          name,
          String.format(Locale.ROOT, format, last.mean()),
          last.count() == 1
              ? "of the last step"
              : "mean of the last " + Figures.steps(last.count()));
    }
  }

  private static void most(StepColumns bytes, String name, StringBuilder tiles) {
    bytes.columns().stream()
        .mapToDouble(Column::most)
        .max()
        .ifPresent(most -> appendTile(tiles, name, Figures.bytes(most), ""));
  }

  private static void appendTile(StringBuilder tiles, String name, String value, String note) {
    tiles.append(
        "<div><dt>%s</dt><dd>%s <small>%s</small></dd></div>\n"
            .formatted(Html.escape(name), Html.escape(value), Html.escape(note)));
  }
}
