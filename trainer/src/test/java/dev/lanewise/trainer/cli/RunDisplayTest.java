package dev.lanewise.trainer.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.model.TransformerConfig;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.Preset;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What both displays show, on a terminal made of bytes. */
class RunDisplayTest {

  private static final String BAR = "training";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream terminal = new PrintStream(bytes, true, UTF_8);
  private final PrintWriter writer = new PrintWriter(terminal, true, UTF_8);

  private static RunFacts facts(long firstStep, long steps) {
    TransformerConfig model =
        Preset.SHAKESPEARE_CHAR.layer().toSettings().model().description(65).config();
    return new RunFacts(model, 64, 1000, 5000, 4500, 500, 2, false, 50, firstStep, steps);
  }

  private static StepMetrics step(long step, double loss) {
    return new StepMetrics(step, loss, 1e-3, 0.5, 200, 320, 1_000_000_000);
  }

  @Test
  void aTerminalGetsABarUnlessItIsDumb() {
    assertThat(RunDisplay.draws(true, "xterm-256color")).isTrue();
    assertThat(RunDisplay.draws(true, null)).isTrue();
    assertThat(RunDisplay.draws(true, "dumb")).isFalse();
    assertThat(RunDisplay.draws(false, "xterm-256color")).isFalse();
  }

  @Test
  void theBarShowsStepsLossAndSpeed() {
    try (RunDisplay display = new BarDisplay(writer, writer, terminal, 1000)) {
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
    try (RunDisplay display = new BarDisplay(writer, writer, terminal, 1)) {
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

  @Test
  void linesComeAtFirstThenEveryTenSecondsWithTheTimeThatIsLeft() {
    StringWriter out = new StringWriter();
    PrintWriter to = new PrintWriter(out, true);
    AtomicLong clock = new AtomicLong(1L << 40);
    try (RunDisplay display = new LineDisplay(to, to, clock::get)) {
      display.begin(facts(100, 300));
      for (int i = 0; i < 200; i++) {
        clock.addAndGet(2_000_000_000);
        display.step(step(100 + i, i % 2 == 0 ? 2 : 3));
      }
    }

    List<String> lines = out.toString().lines().toList();
    assertThat(lines.get(0))
        .isEqualTo(
            "step 101/300: loss 2.0000, lr 1.00e-03, gradient 0.50, 1,600 tokens/s, 5.0 GFLOP/s"
                + " (10.0 % of peak)");
    assertThat(lines.get(1)).startsWith("step 107/300: loss 2.0000, ").endsWith(", 6m26s left");
    assertThat(lines.get(2)).startsWith("step 113/300").endsWith(", 6m14s left");
    assertThat(lines.getLast())
        .as("the loss of that step, as metrics.jsonl has it")
        .startsWith("step 300/300: loss 3.0000, ")
        .endsWith("of peak)");
    assertThat(lines).hasSize(1 + 33 + 1);
  }
}
