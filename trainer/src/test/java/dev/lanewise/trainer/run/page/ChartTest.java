package dev.lanewise.trainer.run.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Where things are drawn: lines in a square of 10,000, all else by percentages. */
class ChartTest {

  private static final List<Column> RISING = List.of(value(0, 0), value(5, 48), value(10, 96));

  private static Column value(long step, double value) {
    return new Column((double) step, value, value, value, step, 1);
  }

  private static List<String> found(String pattern, String html) {
    List<String> groups = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(html);
    while (matcher.find()) {
      groups.add(matcher.group(1));
    }
    return groups;
  }

  private static Chart chart() {
    return chart(10);
  }

  private static Chart chart(int steps) {
    return new Chart("Loss", "nats", Across.steps(0, steps)).fromZero();
  }

  /** The axis goes from 0 to 99.84, four hundredths beyond the most. */
  @Test
  void stepsGoToTheRightAndValuesUp() {
    String html = chart().line("training", "train", RISING).toHtml();

    assertThat(found("<path class=\"line train\" d=\"([^\"]*)\"", html))
        .containsExactly("M0,10000 5000,5192 10000,385");
    assertThat(found("data-step=\"([^\"]*)\"", html)).containsExactly("0 5 10");
    assertThat(found("data-mean=\"([^\"]*)\"", html)).containsExactly("0 48 96");
    assertThat(found("cx=\"([^\"]*)\"", html)).containsExactly("0.0%", "50.0%", "100.0%");
    assertThat(found("cy=\"([^\"]*)\"", html)).containsExactly("100.0%", "51.92%", "3.85%");
  }

  @Test
  void aBandGoesAlongTheMostAndBackAlongTheLeast() {
    List<Column> columns = List.of(new Column(0, 5, 0, 10, 0, 2), new Column(10, 6, 2, 10, 10, 2));
    String html = chart().band("training", "train", columns).toHtml();

    assertThat(found("<path class=\"band train\" d=\"([^\"]*)\"", html))
        .containsExactly("M0,385 10000,385L10000,8077 0,10000Z");
    assertThat(found("data-least=\"([^\"]*)\"", html)).containsExactly("0 2");
    assertThat(found("data-most=\"([^\"]*)\"", html)).containsExactly("10 10");
  }

  @Test
  void linesShareTheirAxes() {
    String html =
        chart(20).line("a", "train", RISING).line("b", "valid", List.of(value(20, 192))).toHtml();

    assertThat(found("<path class=\"line train\" d=\"([^\"]*)\"", html))
        .containsExactly("M0,10000 2500,7596 5000,5192");
    assertThat(found("<path class=\"line valid\" d=\"([^\"]*)\"", html))
        .containsExactly("M10000,385");
    assertThat(html).contains("data-from=\"0\" data-to=\"20\"");
  }

  @Test
  void ticksAreAtTheirPlaces() {
    String html = chart().line("a", "train", RISING).toHtml();

    assertThat(found("<text class=\"y\" [^>]*>([^<]*)<", html))
        .containsExactly("0", "20", "40", "60", "80");
    assertThat(found("<text class=\"y\" [^>]*y=\"([^\"]*)\"", html))
        .containsExactly("100.0%", "79.97%", "59.94%", "39.9%", "19.87%");
    assertThat(found("<text class=\"x\" x=\"([^\"]*)\"", html))
        .containsExactly("0.0%", "20.0%", "40.0%", "60.0%", "80.0%", "100.0%");
    assertThat(found("<text class=\"x\" [^>]*>([^<]*)<", html))
        .containsExactly("0", "2", "4", "6", "8", "10");
  }

  @Test
  void marksStandAtTheirStepAndSayWhatTheyAre() {
    Column three = new Column(4.5, 60, 50, 72, 5, 3);
    String html =
        chart()
            .line("a", "train", RISING)
            .marks("spikes", "spike", List.of(value(2, 48), three, value(9, 1e9)))
            .marksAtBottom("skipped", "skip", List.of(value(8, 1)))
            .toHtml();

    assertThat(found("<use href=\"#spike\" (x=\"[^\"]*\" y=\"[^\"]*\")", html))
        .containsExactly(
            "x=\"20.0%\" y=\"51.92%\"", "x=\"50.0%\" y=\"27.88%\"", "x=\"90.0%\" y=\"0.0%\"");
    assertThat(found("<use href=\"#skip\" (x=\"[^\"]*\" y=\"[^\"]*\")", html))
        .containsExactly("x=\"80.0%\" y=\"100.0%\"");
    assertThat(found("<title>([^<]*)<", html))
        .containsExactly("step 2: 48", "step 5: 72, and 2 more near it", "step 9: 1E+9", "step 8");
    assertThat(found("<span class=\"key (?:spike|skip)\">([^<]*)<", html))
        .containsExactly("spikes (5)", "skipped (1)");
  }

  @Test
  void aLevelIsDrawnWhereTheValuesAre() {
    Chart chart = chart().line("a", "train", RISING).level("clip", 48).level("far", 1000);

    assertThat(found("<line class=\"level\" [^>]*y1=\"([^\"]*)\"", chart.toHtml()))
        .containsExactly("51.92%");
  }

  @Test
  void manyValuesHaveNoDots() {
    List<Column> many = IntStream.range(0, 61).mapToObj(i -> value(i, i)).toList();

    assertThat(chart(60).line("a", "train", many).toHtml()).doesNotContain("<circle");
    assertThat(chart(60).line("a", "train", many.subList(0, 60)).toHtml()).contains("<circle");
  }

  @Test
  void namesAreEscapedAndNothingIsDrawnOfNothing() {
    Chart chart = new Chart("<b>", "&", Across.steps(0, 0)).line("\"", "train", List.of());

    assertThat(chart.isDrawn()).isFalse();
    assertThat(chart.toHtml())
        .contains("&lt;b&gt;", "&amp;")
        .doesNotContain("<b>Loss", "<path", "NaN", "Infinity");
  }
}
