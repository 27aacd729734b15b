package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.run.metrics.MetricsHistory.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Where things are drawn: a chart of 720 by 360 has its axes from (64, 324) to (704, 24). */
class ChartTest {

  private static final List<Point> RISING =
      List.of(new Point(0, 1), new Point(5, 2), new Point(10, 3));

  private static Chart chart() {
    return new Chart(720, 360);
  }

  private static List<String> found(String pattern, String svg) {
    List<String> groups = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(svg);
    while (matcher.find()) {
      groups.add(matcher.group(1).strip());
    }
    return groups;
  }

  private static List<String> polylines(String svg) {
    return found("<polyline [^>]*points=\"([^\"]*)\"", svg);
  }

  @Test
  void stepsGoToTheRightAndValuesUp() {
    String svg = chart().line("loss", "train", RISING, false).toSvg();

    assertThat(polylines(svg)).containsExactly("64.0,324.0 384.0,174.0 704.0,24.0");
  }

  @Test
  void linesShareTheirAxes() {
    List<Point> higher = List.of(new Point(20, 5));
    String svg = chart().line("a", "train", RISING, false).line("b", "valid", higher, true).toSvg();

    assertThat(polylines(svg)).containsExactly("64.0,324.0 224.0,249.0 384.0,174.0", "704.0,24.0");
    assertThat(found("<circle class=\"valid\" r=\"3\" (cx=\"[^\"]*\" cy=\"[^\"]*\")", svg))
        .containsExactly("cx=\"704.0\" cy=\"24.0\"");
    assertThat(svg).contains("<title>step 20: 5.0000</title>");
  }

  @Test
  void ticksAreRoundNumbersAtTheirPlaces() {
    String svg = chart().line("loss", "train", RISING, false).toSvg();

    assertThat(found("text-anchor=\"end\">([^<]*)<", svg))
        .containsExactly("1", "1.5", "2", "2.5", "3");
    assertThat(found("<line class=\"grid\"[^>]* y1=\"([^\"]*)\"", svg))
        .containsExactly("324.0", "249.0", "174.0", "99.0", "24.0");
    assertThat(found("(<text x=\"[^\"]*\") y=\"344\" text-anchor=\"middle\"", svg))
        .containsExactly("<text x=\"64.0\"", "<text x=\"384.0\"", "<text x=\"704.0\"");
  }

  @Test
  void labelsAreShort() {
    assertThat(found("text-anchor=\"end\">([^<]*)<", ofValues(0, 3e-4)))
        .containsExactly("0", "1.0e-04", "2.0e-04", "3.0e-04");
    assertThat(found("text-anchor=\"end\">([^<]*)<", ofValues(0, 5e6)))
        .containsExactly("0", "2.0e+06", "4.0e+06");
  }

  private static String ofValues(double first, double second) {
    return chart()
        .line("loss", "train", List.of(new Point(0, first), new Point(1, second)), false)
        .toSvg();
  }

  @Test
  void oneValueIsDrawnAtTheBottomAndNothingLeavesTheAxesEmpty() {
    assertThat(polylines(ofValues(7, 7))).containsExactly("64.0,324.0 704.0,324.0");
    assertThat(polylines(chart().line("loss", "train", List.of(), false).toSvg()))
        .containsExactly("");
  }

  @Test
  void theLegendNamesEachLineBesideItsColour() {
    String svg =
        chart().line("a<b", "train", RISING, false).line("c", "valid", RISING, false).toSvg();

    assertThat(found("stroke-width=\"2\"/><text x=\"\\d+\" y=\"16\">([^\n]*)</text>", svg))
        .containsExactly("a&lt;b", "c");
    assertThat(found("<line class=\"(train|valid)\" x1=\"\\d+\" x2=\"\\d+\" y1=\"12\"", svg))
        .containsExactly("train", "valid");
  }
}
