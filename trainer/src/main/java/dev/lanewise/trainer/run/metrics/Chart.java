package dev.lanewise.trainer.run.metrics;

import dev.lanewise.trainer.run.metrics.MetricsHistory.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A line chart over steps, as SVG. Both axes are linear; the vertical one fits what is drawn. */
final class Chart {

  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 24;
  private static final int BOTTOM = 36;
  private static final int TICKS = 5;

  private final int width;
  private final int height;
  private final List<Line> lines = new ArrayList<>();

  private record Line(String name, String style, List<Point> points, boolean dots) {}

  Chart(int width, int height) {
    this.width = width;
    this.height = height;
  }

  Chart line(String name, String style, List<Point> points, boolean dots) {
    lines.add(new Line(name, style, points, dots));
    return this;
  }

  String toSvg() {
    Axis x = axis(true);
    Axis y = axis(false);
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" role=\"img\">%n", width, height));
    for (double tick : y.ticks()) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
              LEFT,
              width - RIGHT,
              down(y, tick),
              down(y, tick),
              LEFT - 8,
              down(y, tick) + 4,
              label(tick)));
    }
    for (double tick : x.ticks()) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
              across(x, tick),
              height - BOTTOM + 20,
              label(tick)));
    }
    int legend = LEFT + 8;
    for (Line line : lines) {
      legend = drawLine(svg, line, x, y, legend);
    }
    return svg.append("</svg>\n").toString();
  }

  private int drawLine(StringBuilder svg, Line line, Axis x, Axis y, int legend) {
    svg.append(String.format(Locale.ROOT, "<polyline class=\"%s\" points=\"", line.style));
    for (Point point : line.points) {
      svg.append(
          String.format(
              Locale.ROOT, "%.1f,%.1f ", across(x, point.step()), down(y, point.value())));
    }
    svg.append("\"/>\n");
    if (line.dots) {
      for (Point point : line.points) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<circle class=\"%s\" r=\"3\" cx=\"%.1f\" cy=\"%.1f\"><title>step %.0f:"
                    + " %.4f</title></circle>%n",
                line.style,
                across(x, point.step()),
                down(y, point.value()),
                point.step(),
                point.value()));
      }
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"12\" y2=\"12\" stroke-width=\"2\"/>"
                + "<text x=\"%d\" y=\"16\">%s</text>%n",
            line.style,
            legend,
            legend + 20,
            legend + 26,
            LossReport.escape(line.name)));
    return legend + 50 + 8 * line.name.length();
  }

  private double across(Axis x, double step) {
    return LEFT + x.share(step) * (width - LEFT - RIGHT);
  }

  private double down(Axis y, double value) {
    return height - BOTTOM - y.share(value) * (height - TOP - BOTTOM);
  }

  /** The range of everything that is drawn; from 0 to 1 when that is nothing. */
  private Axis axis(boolean horizontal) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (Line line : lines) {
      for (Point point : line.points) {
        double value = horizontal ? point.step() : point.value();
        if (Double.isFinite(value)) {
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
    }
    if (least > most) {
      return new Axis(0, 1);
    }
    double from = horizontal ? 0 : least;
    return new Axis(from, most > from ? most : from + Math.max(1e-9, Math.abs(from)));
  }

  private record Axis(double from, double to) {

    double share(double value) {
      return (value - from) / (to - from);
    }

    /** Round numbers, some {@value #TICKS} of them. */
    List<Double> ticks() {
      double rough = (to - from) / TICKS;
      double magnitude = Math.pow(10, Math.floor(Math.log10(rough)));
      double step = magnitude * (rough / magnitude < 2 ? 2 : rough / magnitude < 5 ? 5 : 10);
      List<Double> ticks = new ArrayList<>();
      // A tick at an end of the axis must not be lost to rounding.
      double slack = 1e-9 * step;
      for (long i = (long) Math.ceil((from - slack) / step); i * step <= to + slack; i++) {
        ticks.add(i * step);
      }
      return ticks;
    }
  }

  private static String label(double value) {
    if (value == 0) {
      return "0";
    }
    if (Math.abs(value) >= 1e-2 && Math.abs(value) < 1e6) {
      String plain = String.format(Locale.ROOT, "%.3f", value);
      return plain.replaceAll("\\.?0+$", "");
    }
    return String.format(Locale.ROOT, "%.1e", value);
  }
}
