package dev.lanewise.trainer.profile;

import dev.lanewise.trainer.profile.Profile.Row;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * The step as a flame graph in SVG, hung from the ceiling: below the step its directions, below
 * them the blocks, below these their layers. A cell is as wide as its share of the time, and in the
 * order in which it came.
 */
final class FlameGraph {

  private static final int WIDTH = 1000;
  private static final int HEIGHT = 26;
  private static final double CHARACTER = 7.2;
  private static final double NARROWEST = 0.3;

  private final Profile profile;
  private final Function<Row, String> colour;
  private final StringBuilder svg = new StringBuilder();

  /** A cell, with what lies below it; a leaf has the row that it stands for. */
  private static final class Cell {
    private final Map<String, Cell> below = new LinkedHashMap<>();
    private Row row;

    Cell at(String name) {
      return below.computeIfAbsent(name, any -> new Cell());
    }

    double sum(ToDoubleFunction<Row> of) {
      double sum = row == null ? 0 : of.applyAsDouble(row);
      for (Cell cell : below.values()) {
        sum += cell.sum(of);
      }
      return sum;
    }
  }

  private FlameGraph(Profile profile, Function<Row, String> colour) {
    this.profile = profile;
    this.colour = colour;
  }

  /**
   * Draws a profile.
   *
   * @param colour gives the class of a row's cell
   */
  static String of(Profile profile, Function<Row, String> colour) {
    return new FlameGraph(profile, colour).draw();
  }

  private String draw() {
    Cell root = new Cell();
    for (Row row : profile.rows()) {
      if (row.direction().isEmpty()) {
        root.at(row.name()).row = row;
        continue;
      }
      String block = Block.of(row.name());
      Cell parent = root.at(row.direction()).at(block);
      Cell leaf = block.equals(row.name()) ? parent : parent.at(Block.inside(row.name()));
      leaf.row = row;
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg class=\"flame\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"The time of a step: its directions, blocks and layers\">%n",
            WIDTH,
            4 * HEIGHT));
    draw("step", root, 0, 0);
    return svg.append("</svg>\n").toString();
  }

  private void draw(String name, Cell cell, double from, int depth) {
    double width = WIDTH * cell.sum(profile::share);
    if (width < NARROWEST) {
      return;
    }
    String style = cell.row == null ? "group" : colour.apply(cell.row);
    svg.append(
        String.format(
            Locale.ROOT,
            "<g class=\"%s\"><title>%s: %s, %.3f ms</title><rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\"/>",
            style,
            ProfilePage.escape(
                cell.row == null ? name : cell.row.name() + " " + cell.row.direction()),
            ProfileText.percent(cell.sum(profile::share)),
            cell.sum(profile::milliseconds),
            from,
            depth * HEIGHT,
            Math.max(NARROWEST, width - 0.5),
            HEIGHT - 1));
    int fitting = (int) ((width - 6) / CHARACTER);
    if (fitting >= Math.min(name.length(), 4)) {
      String label = name.length() <= fitting ? name : name.substring(0, fitting - 1) + "…";
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.2f\" y=\"%d\">%s</text>",
              from + 3,
              depth * HEIGHT + 17,
              ProfilePage.escape(label)));
    }
    svg.append("</g>\n");
    double x = from;
    for (Map.Entry<String, Cell> below : cell.below.entrySet()) {
      draw(below.getKey(), below.getValue(), x, depth + 1);
      x += WIDTH * below.getValue().sum(profile::share);
    }
  }
}
