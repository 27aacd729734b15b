package dev.lanewise.trainer.run.page;

import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * A chart as an HTML figure around an SVG. Text and marks are placed by percentages and keep their
 * size; only lines and bands are stretched to the width of the page. The values are beside the
 * lines, for the script that reads them out.
 */
public final class Chart {

  /** Units of the square that lines are drawn in, before it is stretched. */
  private static final int SQUARE = 10_000;

  private static final int MOST_DOTS = 60;

  private final String name;
  private final String unit;
  private final List<Line> lines = new ArrayList<>();
  private final List<Marks> marks = new ArrayList<>();
  private final List<Level> levels = new ArrayList<>();
  private String style = "";
  private final Across across;
  private boolean zero;
  private boolean fitting;

  private record Line(String name, String style, List<Column> columns, boolean band) {}

  private record Marks(String name, String style, List<Column> columns, boolean atBottom) {}

  private record Level(String name, double value) {}

  /**
   * Makes an empty chart.
   *
   * @param unit of the values, in words
   * @param across where the columns lie, whose {@code step} is in this quantity
   */
  public Chart(String name, String unit, Across across) {
    this.name = name;
    this.unit = unit;
    this.across = across;
  }

  /** Adds a line through the means. */
  public Chart line(String lineName, String lineStyle, List<Column> columns) {
    lines.add(new Line(lineName, lineStyle, columns, false));
    return this;
  }

  /** Adds a line through the means, and a band from the least to the most. */
  public Chart band(String lineName, String lineStyle, List<Column> columns) {
    lines.add(new Line(lineName, lineStyle, columns, true));
    return this;
  }

  /** Adds a mark at the most of each column. */
  public Chart marks(String marksName, String symbol, List<Column> columns) {
    marks.add(new Marks(marksName, symbol, columns, false));
    return this;
  }

  /** Adds a mark at the bottom for each column. */
  public Chart marksAtBottom(String marksName, String symbol, List<Column> columns) {
    marks.add(new Marks(marksName, symbol, columns, true));
    return this;
  }

  /** Adds a horizontal line, if it is where the values are. */
  public Chart level(String levelName, double value) {
    levels.add(new Level(levelName, value));
    return this;
  }

  /** Begins the vertical axis at 0. */
  public Chart fromZero() {
    zero = true;
    return this;
  }

  /** Shows every value, as a logarithm if they are far apart. */
  public Chart fitting() {
    fitting = true;
    return this;
  }

  /** Gives the chart the height of the main one. */
  public Chart tall() {
    style = " tall";
    return this;
  }

  /** Whether there is anything to show. */
  public boolean isDrawn() {
    return lines.stream().anyMatch(line -> !line.columns.isEmpty());
  }

  /** Returns the figure. */
  public String toHtml() {
    Axis x = Axis.of(across.from(), across.to());
    Axis y = fitting ? Axis.fitting(values()) : Axis.linear(values(), zero);
    StringBuilder html = new StringBuilder();
    html.append("<figure class=\"chart").append(style).append("\">\n");
    appendCaption(html, y);
    html.append("<svg class=\"plot\" role=\"img\" aria-label=\"")
        .append(Html.escape(name + " against " + across.quantity().plural()))
        .append("\" data-across=\"")
        .append(across.quantity().label())
        .append("\" data-from=\"")
        .append(across.format(x.from()))
        .append("\" data-to=\"")
        .append(across.format(x.to()))
        .append("\">\n");
    appendAxes(html, x, y);
    html.append("<svg viewBox=\"0 0 10000 10000\" preserveAspectRatio=\"none\">\n");
    for (Line line : lines) {
      appendLine(html, line, x, y);
    }
    html.append("</svg>\n");
    appendLevels(html, y);
    for (Line line : lines) {
      appendDots(html, line, x, y);
    }
    for (Marks some : marks) {
      appendMarks(html, some, x, y);
    }
    return html.append("</svg>\n</figure>\n").toString();
  }

  private Axis.Values values() {
    return new Axis.Values(
        values(line -> Column::mean),
        values(line -> line.band ? Column::least : Column::mean),
        values(line -> line.band ? Column::most : Column::mean));
  }

  private double[] values(Function<Line, ToDoubleFunction<Column>> value) {
    return lines.stream()
        .flatMapToDouble(line -> line.columns.stream().mapToDouble(value.apply(line)))
        .toArray();
  }

  private void appendCaption(StringBuilder html, Axis y) {
    html.append("<figcaption><span><b>").append(Html.escape(name)).append("</b> ");
    html.append("<span class=\"unit\">").append(Html.escape(unit));
    if (y.logarithmic()) {
      html.append(", logarithmic");
    }
    if (y.cut()) {
      html.append(", higher ones cut off");
    }
    html.append("</span></span>\n");
    if (lines.size() + marks.size() > 1) {
      for (Line line : lines) {
        appendKey(html, line.style, line.name);
      }
      for (Marks some : marks) {
        if (!some.columns.isEmpty()) {
          long count = some.columns.stream().mapToLong(Column::count).sum();
          appendKey(html, some.style, some.name + " (" + Figures.whole(count) + ")");
        }
      }
    }
    html.append("<output></output></figcaption>\n");
  }

  private static void appendKey(StringBuilder html, String style, String text) {
    html.append("<span class=\"key ")
        .append(style)
        .append("\">")
        .append(Html.escape(text))
        .append("</span>\n");
  }

  private void appendAxes(StringBuilder html, Axis x, Axis y) {
    for (double tick : y.ticks()) {
      String at = percent(1 - y.share(tick));
      html.append(
          "<line class=\"grid\" x1=\"0\" x2=\"100%%\" y1=\"%s\" y2=\"%s\"/>".formatted(at, at));
      html.append(
          "<text class=\"y\" x=\"0\" dx=\"-8\" dy=\"4\" y=\"%s\">%s</text>\n"
              .formatted(at, Figures.tick(tick)));
    }
    for (double tick : x.ticks()) {
      if (!across.quantity().isCounted() || tick == Math.rint(tick)) {
        html.append(
            "<text class=\"x\" x=\"%s\" y=\"100%%\" dy=\"18\">%s</text>\n"
                .formatted(percent(x.share(tick)), Figures.tick(tick)));
      }
    }
  }

  private void appendLine(StringBuilder html, Line line, Axis x, Axis y) {
    if (line.columns.isEmpty()) {
      return;
    }
    if (line.band) {
      html.append("<path class=\"band ").append(line.style).append("\" d=\"");
      appendPoints(html.append('M'), line.columns, x, y, Column::most);
      appendPoints(html.append('L'), line.columns.reversed(), x, y, Column::least);
      html.append("Z\"/>\n");
    }
    html.append("<path class=\"line ").append(line.style).append("\" d=\"");
    appendPoints(html.append('M'), line.columns, x, y, Column::mean);
    html.append("\" data-name=\"").append(Html.escape(line.name)).append('"');
    appendData(html, "step", line.columns, column -> across.format(column.step()));
    appendData(html, "mean", line.columns, column -> Figures.exact(column.mean()));
    if (line.band && line.columns.stream().anyMatch(column -> column.count() > 1)) {
      appendData(html, "least", line.columns, column -> Figures.exact(column.least()));
      appendData(html, "most", line.columns, column -> Figures.exact(column.most()));
    }
    html.append("/>\n");
  }

  private static void appendPoints(
      StringBuilder path, List<Column> columns, Axis x, Axis y, ToDoubleFunction<Column> value) {
    String separator = "";
    for (Column column : columns) {
      path.append(separator)
          .append(Math.round(SQUARE * x.share(column.step())))
          .append(',')
          .append(Math.round(SQUARE * (1 - y.share(value.applyAsDouble(column)))));
      separator = " ";
    }
  }

  private static void appendData(
      StringBuilder html, String name, List<Column> columns, Function<Column, String> value) {
    html.append(
        columns.stream()
            .map(value)
            .collect(Collectors.joining(" ", " data-" + name + "=\"", "\"")));
  }

  /** Few values would not be seen as such in a line, and one value would not be seen at all. */
  private static void appendDots(StringBuilder html, Line line, Axis x, Axis y) {
    if (line.columns.size() > MOST_DOTS) {
      return;
    }
    for (Column column : line.columns) {
      if (y.has(column.mean())) {
        html.append(
            "<circle class=\"%s\" r=\"2.5\" cx=\"%s\" cy=\"%s\"/>\n"
                .formatted(
                    line.style,
                    percent(x.share(column.step())),
                    percent(1 - y.share(column.mean()))));
      }
    }
  }

  private void appendLevels(StringBuilder html, Axis y) {
    for (Level level : levels) {
      if (y.has(level.value)) {
        String at = percent(1 - y.share(level.value));
        html.append(
            "<line class=\"level\" x1=\"0\" x2=\"100%%\" y1=\"%s\" y2=\"%s\"/><text class=\"level\" x=\"100%%\" dy=\"-5\" y=\"%s\">%s</text>\n"
                .formatted(at, at, at, Html.escape(level.name)));
      }
    }
  }

  private static void appendMarks(StringBuilder html, Marks some, Axis x, Axis y) {
    for (Column column : some.columns) {
      double height = some.atBottom ? 0 : Math.min(1, y.share(column.most()));
      html.append(
          "<g class=\"mark %s\"><title>%s</title><use href=\"#%s\" x=\"%s\" y=\"%s\"/></g>\n"
              .formatted(
                  some.style,
                  Html.escape(title(some, column)),
                  some.style,
                  percent(x.share(some.atBottom ? column.step() : column.mostAt())),
                  percent(1 - height)));
    }
  }

  private static String title(Marks some, Column column) {
    String title = "step " + Figures.whole(column.mostAt());
    if (!some.atBottom) {
      title += ": " + Figures.exact(column.most());
    }
    return column.count() == 1
        ? title
        : title + ", and " + Figures.whole(column.count() - 1) + " more near it";
  }

  private static String percent(double share) {
    return Math.round(share * 1e4) / 1e2 + "%";
  }
}
