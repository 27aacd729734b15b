package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each step without a line that can be read is counted, for whatever reason it has none. */
class LostLinesTest {
  private static final String TORN = "{\"type\":\"evalua";

  @TempDir private Path folder;

  private static String step(long number) {
    return "{\"type\":\"step\",\"step\":%d,\"loss\":4.5,\"lr\":0.5,\"ms\":25.5}".formatted(number);
  }

  private static String evaluation(long completed) {
    return "{\"type\":\"evaluation\",\"step\":%d,\"val_loss\":4.5}".formatted(completed);
  }

  private static String missing(long first, long next) {
    return "{\"type\":\"missing\",\"step\":%d,\"next\":%d}".formatted(first, next);
  }

  private void requireTold(List<String> lines, String... told) throws IOException {
    Path file = Files.write(folder.resolve("metrics.jsonl"), lines);
    List<String> warnings = new ArrayList<>();
    MetricsHistory.read(file, 100, warnings::add);
    assertThat(warnings)
        .map(warning -> warning.substring((file + ": ").length()))
        .containsExactly(told);
  }

  @Test
  void nothingIsTold() throws IOException {
    requireTold(List.of(step(0), step(1), evaluation(2), step(2)));
  }

  /** A run that was resumed without the lines of some steps says so in its log. */
  @Test
  void stepsThatTheLogItselfMissesAreCounted() throws IOException {
    requireTold(
        List.of(step(0), step(1), missing(2, 5), step(5), step(7)),
        "4 steps have no line that can be read, the first is step 2; what is shown is without them");
    requireTold(
        List.of(step(0), missing(2, 3)),
        "2 steps have no line that can be read, the first is step 1; what is shown is without them");
  }

  @Test
  void aDamagedLineDoesNotHideAMissingStep() throws IOException {
    requireTold(
        List.of(step(0), step(1), TORN, step(3)),
        "1 line is damaged and passed over, the first is line 3",
        "1 step has no line that can be read, the first is step 2; what is shown is without it");
    requireTold(
        List.of(step(0), TORN, TORN, TORN, step(3), step(4)),
        "3 lines are damaged and passed over, the first is line 2",
        "2 steps have no line that can be read, the first is step 1; what is shown is without them");
  }

  @Test
  void aDamagedLineThatIsOfNoStepIsNotCounted() throws IOException {
    requireTold(
        List.of(step(0), step(1), TORN, step(2)),
        "1 line is damaged and passed over, the first is line 3");
  }
}
