package dev.lanewise.trainer.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.Preset;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What displays show, on a terminal made of bytes and by a clock that the test turns. */
class DisplayTest {

  private static final String BAR = "training";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream terminal = new PrintStream(bytes, true, UTF_8);
  private final PrintWriter writer = new PrintWriter(terminal, true, UTF_8);
  private final AtomicLong clock = new AtomicLong(1L << 40);

  private static RunFacts facts(long firstStep, long steps) {
    TransformerConfig model =
        Preset.SHAKESPEARE_CHAR.layer().toSettings().model().description(65).config();
    return new RunFacts(model, 64, 1000, 1000, 5000, 4500, 500, 2, false, 50, firstStep, steps);
  }

  private static StepMetrics step(long step, double loss) {
    return new StepMetrics(step, loss, 1e-3, 0.5, 200, 320, 1_000_000_000);
  }

  @Test
  void aTerminalGetsABarUnlessItIsDumb() {
    assertThat(TextDisplay.draws(true, "xterm-256color")).isTrue();
    assertThat(TextDisplay.draws(true, null)).isTrue();
    assertThat(TextDisplay.draws(true, "dumb")).isFalse();
    assertThat(TextDisplay.draws(false, "xterm-256color")).isFalse();
  }

  @Test
  void theBarShowsStepsLossAndSpeed() {
    try (BarDisplay display = bar(1000)) {
      display.line("before the bar");
      display.begin(facts(3, 10));
      display.step(step(3, 2.5));
      display.step(step(4, 3.5));
    }

    List<String> screen = screen();
    assertThat(screen.getFirst()).isEqualTo("before the bar");
    // The loss is smoothed: nine parts old, one part new.
    assertThat(screen.get(1)).startsWith(BAR).contains("5/10", " loss 2.600, ");
  }

  /** With a bar that is drawn every millisecond, and lines and warnings from two threads. */
  @Test
  @Timeout(60)
  void linesAndTheBarDoNotMix() throws InterruptedException {
    List<String> lines = new ArrayList<>();
    Thread other;
    try (BarDisplay display = bar(1)) {
      display.begin(facts(0, 1_000_000));
      other =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 50; i++) {
                      display.warning("from elsewhere");
                    }
                  });
      for (int i = 0; drawn() < 40; i++) {
        display.step(step(i, 2.5));
        display.line("line " + i);
        lines.add("line " + i);
      }
      other.join();
    }

    List<String> screen = screen();
    assertThat(screen).filteredOn(line -> line.startsWith("line ")).isEqualTo(lines);
    assertThat(screen).filteredOn("warning: from elsewhere"::equals).hasSize(50);
    assertThat(screen)
        .filteredOn(line -> !line.startsWith("line ") && !line.startsWith("warning: "))
        .as("what is left is the bar at its end")
        .hasSize(1)
        .allMatch(line -> line.startsWith(BAR));
  }

  private int drawn() {
    return bytes.toString(UTF_8).split(BAR, -1).length - 1;
  }

  /** What is to be seen after carriage returns and deletions. */
  private List<String> screen() {
    List<String> lines = new ArrayList<>();
    for (String line : bytes.toString(UTF_8).split("\n", -1)) {
      String shown = "";
      for (String part : line.split("\r", -1)) {
        String text = part.replace("\033[K", "");
        boolean deleted = part.startsWith("\033[K");
        shown = deleted || text.length() >= shown.length() ? text : text + rest(shown, text);
      }
      if (!shown.isBlank()) {
        lines.add(shown);
      }
    }
    return lines;
  }

  private static String rest(String shown, String over) {
    return shown.substring(over.length());
  }

  /** A phase that is over at once does not flash up, and no bar stays when one is over. */
  @Test
  void aPhaseThatTakesLongHasABar() {
    try (BarDisplay display = bar(1000)) {
      display.at(Phase.READING, 0, 100L << 20);
      seconds(0.5);
      display.at(Phase.READING, 100L << 20, 100L << 20);
      assertThat(bytes.toString(UTF_8)).isEmpty();
      display.at(Phase.ENCODING, 0, 100L << 20);
      seconds(2);
      display.at(Phase.ENCODING, 30L << 20, 100L << 20);
      seconds(2);
      display.at(Phase.ENCODING, 100L << 20, 100L << 20);
    }
    assertThat(bytes.toString(UTF_8)).contains("encoding", "30/100MB");
    assertThat(screen()).isEmpty();
  }

  @Test
  void whatNobodyKnowsTheEndOfHasABarToo() {
    try (BarDisplay display = bar(1000)) {
      display.at(Phase.INPUT, 0, Progress.UNKNOWN);
      seconds(2);
      display.at(Phase.INPUT, 30L << 20, Progress.UNKNOWN);
      display.at(Phase.INPUT, 31L << 20, 31L << 20);
    }
    assertThat(bytes.toString(UTF_8)).contains("input", "30/?");
    assertThat(screen()).isEmpty();
  }

  @Test
  void anEvaluationIsToldInTheBarOfTheRun() {
    try (BarDisplay display = bar(1000)) {
      display.begin(facts(3, 10));
      display.step(step(3, 2.5));
      display.at(Phase.EVALUATING, 0, 1000);
      seconds(3);
      display.at(Phase.EVALUATING, 300, 1000);
    }
    assertThat(screen())
        .singleElement()
        .asString()
        .startsWith(BAR)
        .contains("4/10", " evaluating: 30 %, 7s left");
  }

  private BarDisplay bar(int updateMillis) {
    return new BarDisplay(
        new TextDisplay.Streams(writer, writer, true), terminal, updateMillis, clock::get);
  }

  private void seconds(double seconds) {
    clock.addAndGet((long) (1e9 * seconds));
  }

  private LineDisplay lines() {
    return new LineDisplay(new TextDisplay.Streams(writer, writer, true), clock::get);
  }

  @Test
  void linesComeAtFirstThenEveryTenSecondsWithTheTimeThatIsLeft() {
    try (LineDisplay display = lines()) {
      display.begin(facts(100, 300));
      for (int i = 0; i < 200; i++) {
        seconds(2);
        display.step(step(100 + i, i % 2 == 0 ? 2 : 3));
      }
    }

    List<String> lines = screen();
    assertThat(lines.get(0))
        .isEqualTo(
            "step 101/300: loss 2.0000, lr 1.00e-03, gradient 0.50, 1,600 tokens/s, 5.0 GFLOP/s"
                + " (10.0 % of peak)");
    assertThat(lines.get(1)).startsWith("step 106/300: loss 3.0000, ").endsWith(", 6m28s left");
    assertThat(lines.get(2)).startsWith("step 111/300").endsWith(", 6m18s left");
    assertThat(lines.getLast())
        .as("the loss of that step, as metrics.jsonl has it")
        .startsWith("step 300/300: loss 3.0000, ")
        .endsWith("of peak)");
    assertThat(lines).hasSize(1 + 39 + 1);
  }

  @Test
  void whatTakesLongHasALineEveryTenSecondsAndOneAtItsEnd() {
    try (LineDisplay display = lines()) {
      for (int second = 0; second <= 35; second++) {
        display.at(Phase.READING, second * (10L << 20), 350L << 20);
        seconds(1);
      }
      display.at(Phase.READING, 350L << 20, 350L << 20);
    }
    assertThat(screen())
        .containsExactly(
            "reading the text: 28 % of 350.0 MB, 25s left",
            "reading the text: 57 % of 350.0 MB, 15s left",
            "reading the text: 85 % of 350.0 MB, 5s left",
            "reading the text: 350.0 MB in 35s");
  }

  @Test
  void whatIsQuickHasNoLine() {
    try (LineDisplay display = lines()) {
      for (int second = 0; second <= 9; second++) {
        display.at(Phase.READING, second, 9);
        seconds(1);
      }
    }
    assertThat(screen()).isEmpty();
  }

  /** Silence is counted from the last line, not from the beginning of a phase. */
  @Test
  void phasesThatAreShortButManyAreNotSilentForLonger() {
    try (LineDisplay display = lines()) {
      for (Phase phase : List.of(Phase.CHECKING, Phase.READING, Phase.ENCODING)) {
        for (int second = 0; second <= 6; second++) {
          display.at(phase, second, 6);
          seconds(second == 6 ? 0 : 1);
        }
      }
    }
    assertThat(screen())
        .containsExactly(
            "reading the text: 66 % of 6 bytes, 2s left", "reading the text: 6 bytes in 6s");
  }

  /** A report that would come too late is made up for by the one before it. */
  @Test
  void aLineComesBeforeTenSecondsAreOverWhereReportsAreRare() {
    try (LineDisplay display = lines()) {
      display.at(Phase.EVALUATING, 0, 100);
      seconds(6);
      display.at(Phase.EVALUATING, 25, 100);
      seconds(6);
      display.at(Phase.EVALUATING, 50, 100);
    }
    assertThat(screen())
        .containsExactly(
            "evaluating: 25 % of 100 tokens, 18s left", "evaluating: 50 % of 100 tokens, 12s left");
  }

  @Test
  void ofWhatNobodyKnowsTheEndItIsSaidHowMuchThereIs() {
    try (LineDisplay display = lines()) {
      display.at(Phase.INPUT, 0, Progress.UNKNOWN);
      seconds(10);
      display.at(Phase.INPUT, 5L << 20, Progress.UNKNOWN);
      seconds(5);
      display.at(Phase.INPUT, 6L << 20, 6L << 20);
    }
    assertThat(screen())
        .containsExactly(
            "reading the standard input: 5.0 MB so far",
            "reading the standard input: 6.0 MB in 15s");
  }

  @Test
  void theQuietOneShowsOnlyWhatCameOutAndWhatIsWrong() {
    try (Display display = new QuietDisplay(new TextDisplay.Streams(writer, writer, true))) {
      display.at(Phase.READING, 0, 100);
      seconds(100);
      display.at(Phase.READING, 50, 100);
      display.begin(facts(3, 10));
      display.step(step(3, 2.5));
      display.tell(new RunMessage.Stopping());
      display.warning("too warm");
      display.result(new RunMessage.Sample(1, "result"));
      display.error("train", "broken", 1);
    }
    assertThat(screen())
        .containsExactly(
            "warning: too warm",
            "--- sample after 1 step ---",
            "result",
            "---",
            "lanewise train: broken");
  }

  @Test
  void scriptsAreToldOfAPhaseAtItsBeginAndEndAndOnceASecond() throws JsonProcessingException {
    try (Display display = new JsonDisplay(writer, false, clock::get)) {
      for (int i = 0; i <= 30; i++) {
        display.at(Phase.READING, i, i == 30 ? 30 : 40);
        seconds(0.125);
      }
      display.at(Phase.READING, 30, 30);
      display.at(Phase.INPUT, 0, Progress.UNKNOWN);
    }
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> told = new ArrayList<>();
    for (String line : screen()) {
      told.add(json.readTree(line));
    }
    assertThat(told)
        .extracting(line -> line.get("done").asInt())
        .containsExactly(0, 8, 16, 24, 30, 0);
    assertThat(told.get(1).toString())
        .isEqualTo(
            "{\"type\":\"progress\",\"phase\":\"reading\",\"unit\":\"bytes\",\"done\":8,"
                + "\"total\":40,\"share\":0.2,\"seconds\":1.0,\"seconds_left\":4.0}");
    assertThat(told.get(4).get("share").asDouble()).isEqualTo(1);
    assertThat(told.get(4).get("seconds_left").asDouble()).isZero();
    assertThat(told.getLast().get("share").isNull()).isTrue();
    assertThat(told.getLast().get("total").isNull()).isTrue();
  }

  @Test
  void howLongAPhaseGoesOnIsSaidWhenSomeOfItIsDone() throws JsonProcessingException {
    try (Display display = new JsonDisplay(writer, false, clock::get)) {
      for (int done : new int[] {0, 1, 2, 100}) {
        display.at(Phase.READING, done, 100);
        seconds(2);
      }
    }
    ObjectMapper json = new ObjectMapper();
    List<String> left = new ArrayList<>();
    for (String line : screen()) {
      left.add(json.readTree(line).get("seconds_left").asText());
    }
    assertThat(left).containsExactly("null", "null", "196.0", "0.0");
  }
}
