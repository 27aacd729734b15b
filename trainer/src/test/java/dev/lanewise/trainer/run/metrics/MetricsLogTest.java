package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsLogTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> warnings = new ArrayList<>();

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("metrics.jsonl");
  }

  private static StepMetrics metrics(long step, double loss) {
    return new StepMetrics(step, loss, 1e-3 / 3, 1.7, 12.5, 768, 3_000_000_000L);
  }

  /**
   * Steps from..to-1, and an evaluation after every second; as a resumed run does, it makes the one
   * that is due where it begins again.
   */
  private void train(long from, long to) throws IOException {
    try (MetricsLog log = MetricsLog.open(file(), from, warnings::add)) {
      if (from > 0 && from % 2 == 0) {
        log.evaluation(from, 11.0 / (from + 2));
      }
      for (long step = from; step < to; step++) {
        log.step(metrics(step, 10.0 / (step + 3)), 100, MemoryUse.UNKNOWN);
        if ((step + 1) % 2 == 0) {
          log.evaluation(step + 1, 11.0 / (step + 3));
        }
      }
    }
  }

  /** Type and step of each line, such as "step 3". */
  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file())) {
      JsonNode json = JSON.readTree(line);
      lines.add(json.get("type").asText() + " " + json.get("step").asLong());
    }
    return lines;
  }

  @Test
  void numbersReadBackToTheSameBits() throws IOException {
    double[] losses = {1.0 / 3, Math.PI, Double.MIN_VALUE, 1e300, 0x1.fffffffffffffp3};
    try (MetricsLog log = MetricsLog.open(file(), 0, warnings::add)) {
      for (int i = 0; i < losses.length; i++) {
        log.step(metrics(i, losses[i]), 300, MemoryUse.UNKNOWN);
        log.evaluation(i + 1, losses[i]);
      }
    }

    List<String> lines = Files.readAllLines(file());
    for (int i = 0; i < losses.length; i++) {
      JsonNode step = JSON.readTree(lines.get(2 * i));
      assertThat(step.get("loss").doubleValue()).isEqualTo(losses[i]);
      assertThat(step.get("lr").doubleValue()).isEqualTo(1e-3 / 3);
      assertThat(step.get("tokens_per_s").doubleValue()).isEqualTo(768 / 12.5 * 1e3);
      assertThat(step.get("gflops").doubleValue()).isEqualTo(240);
      assertThat(step.get("peak_fraction").doubleValue()).isEqualTo(0.8);
      assertThat(JSON.readTree(lines.get(2 * i + 1)).get("val_loss").doubleValue())
          .isEqualTo(losses[i]);
    }
  }

  @Test
  void whatIsNotFiniteIsNull() throws IOException {
    try (MetricsLog log = MetricsLog.open(file(), 0, warnings::add)) {
      log.step(metrics(0, Double.NaN), 300, MemoryUse.UNKNOWN);
      log.evaluation(1, Double.POSITIVE_INFINITY);
    }

    List<String> lines = Files.readAllLines(file());
    assertThat(JSON.readTree(lines.get(0)).get("loss").isNull()).isTrue();
    assertThat(JSON.readTree(lines.get(1)).get("val_loss").isNull()).isTrue();
    train(1, 2);
    assertThat(lines()).containsExactly("step 0", "evaluation 1", "step 1", "evaluation 2");
  }

  @Test
  void aLineIsInTheFileAsSoonAsItIsWritten() throws IOException {
    try (MetricsLog log = MetricsLog.open(file(), 0, warnings::add)) {
      log.step(metrics(0, 2), 300, MemoryUse.UNKNOWN);
      assertThat(lines()).containsExactly("step 0");
      log.skipped(1, "the loss is not finite");
      assertThat(lines()).containsExactly("step 0", "skipped 1");
    }
  }

  @Test
  void aResumedRunCutsOffTheStepsThatItTakesAgain() throws IOException {
    train(0, 7);
    train(4, 6);

    assertThat(lines())
        .containsExactly(
            "step 0",
            "step 1",
            "evaluation 2",
            "step 2",
            "step 3",
            "evaluation 4",
            "step 4",
            "step 5",
            "evaluation 6");
  }

  @Test
  void anEvaluationThatIsMadeAgainIsNotLoggedAgain() throws IOException {
    train(0, 4);
    try (MetricsLog log = MetricsLog.open(file(), 4, warnings::add)) {
      log.evaluation(4, 2.5);
      log.step(metrics(4, 2), 300, MemoryUse.UNKNOWN);
    }

    assertThat(lines()).endsWith("step 3", "evaluation 4", "step 4");
    assertThat(lines()).doesNotHaveDuplicates();
  }

  @Test
  void anEvaluationThatAKilledProcessDidNotComeToIsLogged() throws IOException {
    train(0, 3);
    try (MetricsLog log = MetricsLog.open(file(), 3, warnings::add)) {
      log.evaluation(3, 2.5);
    }

    assertThat(lines()).endsWith("step 2", "evaluation 3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"type\":\"step\",\"st", "{", "\u0000\u0000\u0000", "{\"type\":1}\n"})
  void whatAKilledProcessLeftIncompleteIsCutOff(String rest) throws IOException {
    train(0, 5);
    Files.writeString(file(), rest, StandardOpenOption.APPEND);
    train(5, 6);

    assertThat(lines()).endsWith("step 4", "step 5", "evaluation 6").doesNotHaveDuplicates();
  }

  @Test
  void cuttingAnywhereAndResumingGivesTheSameLines() throws IOException {
    train(0, 4);
    int fourSteps = Files.readString(file()).lastIndexOf("{\"type\":\"evaluation\"");
    train(4, 6);
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      warnings.clear();
      train(4, 6);
      String left = new String(whole, 0, length, StandardCharsets.UTF_8);
      String complete = left.substring(0, left.lastIndexOf('\n') + 1);
      boolean torn = !complete.equals(left) && !complete.contains("\"step\":4,\"loss\"");
      assertThat(warnings)
          .filteredOn(warning -> warning.contains("in the middle of a line"))
          .hasSize(torn ? 1 : 0);
      if (length >= fourSteps) {
        assertThat(Files.readAllBytes(file())).as("cut at %d", length).isEqualTo(whole);
      } else {
        assertThat(lines()).endsWith("evaluation 4", "step 4", "step 5", "evaluation 6");
        assertThat(warnings)
            .last(InstanceOfAssertFactories.STRING)
            .contains("the steps between are not in it");
        train(6, 8);
        assertThat(lines()).as("the gap is known").endsWith("step 6", "step 7", "evaluation 8");
      }
    }
  }

  @Test
  void aNewRunBeginsWithAnEmptyFile() throws IOException {
    Files.writeString(file(), "something else\n");
    train(0, 1);

    assertThat(lines()).containsExactly("step 0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not JSON",
        "{}",
        "[]",
        "{\"type\":\"step\",\"step\":-1}",
        "{\"step\":1,\"type\":2}"
      })
  void aLineThatNoRunWroteIsAnErrorThatNamesIt(String line) throws IOException {
    train(0, 1);
    Files.writeString(file(), line + "\n", StandardOpenOption.APPEND);

    assertThatThrownBy(() -> MetricsLog.open(file(), 5, warnings::add))
        .isInstanceOf(InvalidMetricsException.class)
        .hasMessageContaining("metrics.jsonl:2: ");
  }

  /** A line is changed, left out, doubled or swapped with the next one. */
  @Test
  void damageInTheMiddleIsNamedByLineAndNothingIsDeleted() throws IOException {
    train(0, 8);
    List<String> whole = Files.readAllLines(file());
    for (int at = 0; at < 6; at++) {
      String line = whole.get(at);
      requireRefused(
          whole, at, List.of(line.replaceFirst("\"step\":(\\d)", "\"step\":9$1")), at + 1);
      requireRefused(whole, at, List.of(line, line), at + 2);
      requireRefused(whole, at, List.of("\0\0\0" + line), at + 1);
      if (line.contains("\"type\":\"step\"")) {
        requireRefused(whole, at, List.of(), at + 1);
      }
    }
  }

  private void requireRefused(List<String> whole, int at, List<String> instead, int named)
      throws IOException {
    List<String> damaged = new ArrayList<>(whole.subList(0, at));
    damaged.addAll(instead);
    damaged.addAll(whole.subList(at + 1, whole.size()));
    Files.write(file(), damaged);
    assertThatThrownBy(() -> MetricsLog.open(file(), 6, warnings::add))
        .isInstanceOf(InvalidMetricsException.class)
        .hasMessageContaining("metrics.jsonl:" + named + ": ")
        .hasMessageNotContaining("UTF-32");
    assertThat(Files.readAllLines(file())).isEqualTo(damaged);
  }

  @Test
  void refusesAnEndlessLine() throws IOException {
    Files.writeString(file(), "x".repeat(100_000));

    assertThatThrownBy(() -> MetricsLog.open(file(), 5, warnings::add))
        .isInstanceOf(InvalidMetricsException.class)
        .hasMessageContaining("too long");
  }

  private MetricsLog opened(long completed) throws IOException {
    return MetricsLog.open(file(), completed, warnings::add);
  }

  /** Two steps, an evaluation and a sample, and two more steps. */
  private void trainWithASample() throws IOException {
    train(0, 2);
    try (MetricsLog log = opened(2)) {
      log.sample(2, "Once", " upon\n\u0000 a \ud83d\ude00");
      log.step(metrics(2, 3), 300, MemoryUse.UNKNOWN);
    }
  }

  @Test
  void aSampleIsKeptWithTheStepsBeforeIt() throws IOException {
    trainWithASample();
    assertThat(JSON.readTree(Files.readAllLines(file()).get(3)))
        .isEqualTo(
            JSON.readTree(
                "{\"type\":\"sample\",\"step\":2,\"prompt\":\"Once\",\"text\":\" upon\\n\\u0000 a \ud83d\ude00\"}"));

    opened(3).close();
    assertThat(lines()).containsExactly("step 0", "step 1", "evaluation 2", "sample 2", "step 2");
    opened(2).close();
    assertThat(lines()).containsExactly("step 0", "step 1", "evaluation 2", "sample 2");
    opened(1).close();
    assertThat(lines()).containsExactly("step 0");
    assertThat(warnings).isEmpty();
  }

  @Test
  void aSampleThatIsMadeAgainIsNotLoggedAgain() throws IOException {
    trainWithASample();
    try (MetricsLog log = opened(2)) {
      log.evaluation(2, 5);
      log.sample(2, "Once", " more");
      log.step(metrics(2, 3), 300, MemoryUse.UNKNOWN);
      log.sample(3, "Once", " more");
    }

    assertThat(lines())
        .containsExactly("step 0", "step 1", "evaluation 2", "sample 2", "step 2", "sample 3");
  }

  @Test
  void aSampleThatIsNotInItsPlaceIsDamage() throws IOException {
    trainWithASample();
    List<String> whole = Files.readAllLines(file());
    String sample = whole.get(3);
    requireRefused(whole, 3, List.of(sample, sample), 5);
    requireRefused(whole, 3, List.of(sample.replace("\"step\":2", "\"step\":7")), 4);
    requireRefused(whole, 3, List.of(sample.replace("\"text\":", "\"tax\":")), 4);
  }

  /** Whatever a model writes, its line can be read again. */
  @ParameterizedTest
  @ValueSource(strings = {"\u0000", "\"", "\ud83d\ude00", "x"})
  void aLongSampleIsCutBetweenCharacters(String character) throws IOException {
    String text = "<" + character.repeat(50_000) + ">";
    try (MetricsLog log = opened(0)) {
      log.step(metrics(0, 3), 300, MemoryUse.UNKNOWN);
      log.sample(1, text, text);
    }
    JsonNode sample = JSON.readTree(Files.readAllLines(file()).get(1));
    String prompt = sample.get("prompt").asText();
    String rest = sample.get("text").asText();
    assertThat(prompt).hasSizeBetween(999, 1001).endsWith(character + ">");
    assertThat(rest).hasSizeBetween(7999, 8000).startsWith("<" + character).endsWith(character);
    assertThat(text).endsWith(prompt).startsWith(rest);

    opened(1).close();
    assertThat(lines()).containsExactly("step 0", "sample 1");
  }

  @Test
  void memoryIsInTheLinesWhereItIsKnown() throws IOException {
    try (MetricsLog log = opened(0)) {
      log.step(metrics(0, 3), 300, new MemoryUse(1e6, 2e6));
      log.step(metrics(1, 3), 300, new MemoryUse(1e6, Double.NaN));
      log.step(metrics(2, 3), 300, MemoryUse.UNKNOWN);
    }
    List<String> lines = Files.readAllLines(file());
    assertThat(lines.get(0)).contains("\"heap_bytes\":1000000,\"resident_bytes\":2000000");
    assertThat(lines.get(1)).contains("\"heap_bytes\":1000000").doesNotContain("resident");
    assertThat(lines.get(2)).doesNotContain("heap", "resident");
  }
}
