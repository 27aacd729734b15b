package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trained model in each precision: what it loses, and that each has bits of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WeightsOptionTest {

  private Path run;
  private Path bfloat16;
  private Path heldOut;

  @BeforeAll
  void train(@TempDir Path folder) throws IOException {
    String all = Texts.words(6000);
    int end = all.length() * 9 / 10;
    Path text = Files.writeString(folder.resolve("text.txt"), all.substring(0, end));
    heldOut = Files.writeString(folder.resolve("held-out.txt"), all.substring(end));
    run = folder.resolve("run");
    CommandRun.train(
            text, run, "--steps=400", "--lr=3e-3", "--d-model=48", "--batch=8", "--warmup=20")
        .requireSuccess();
    bfloat16 = folder.resolve("bf16");
    CommandRun.of("export", "--model=" + run, "--to=hf", "--dtype=bf16", "--out=" + bfloat16)
        .requireSuccess();
  }

  private double loss(Path model, String weights) throws IOException {
    CommandRun eval =
        CommandRun.of(
            "eval", "--json", "--model=" + model, "--data=" + heldOut, "--weights=" + weights);
    String last = eval.requireSuccess().out().lines().toList().getLast();
    return new ObjectMapper().readTree(last).get("loss").asDouble();
  }

  private String text(Path model, String... more) {
    String[] arguments = {"generate", "--model=" + model, "--prompt=a"};
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return CommandRun.of(all).requireSuccess().out();
  }

  /** Weights that have learned something: a model that guesses evenly loses nothing by rounding. */
  @ParameterizedTest
  @CsvSource({"bf16, 0.002", "int8, 0.005"})
  void roundedWeightsPredictNearlyAsWell(String weights, double share) throws IOException {
    double exact = loss(run, "f32");
    assertThat(exact).isLessThan(2.5);
    assertThat(loss(run, "file")).isEqualTo(exact);
    assertThat(loss(run, weights)).isNotEqualTo(exact).isCloseTo(exact, within(share * exact));
  }

  @Test
  void aFileOfSixteenBitsIsHeldExactly() throws IOException {
    double exact = loss(bfloat16, "f32");
    assertThat(loss(bfloat16, "file")).isEqualTo(exact);
    assertThat(loss(bfloat16, "bf16")).isEqualTo(exact);
    // What the export has rounded is what is rounded in memory.
    assertThat(text(bfloat16)).isEqualTo(text(bfloat16, "--weights=f32"));
  }

  @Test
  void thePrecisionIsAFunctionOfNothingElse() {
    for (String weights : new String[] {"bf16", "int8"}) {
      String precision = "--weights=" + weights;
      String expected = text(run, precision, "--threads=1", "--kernels=scalar");
      assertThat(text(run, precision, "--threads=2")).isEqualTo(expected);
      assertThat(text(run, precision, "--threads=1")).isEqualTo(expected);
    }
  }

  /** Also beside others, and with guesses: the text that it is alone. */
  @Test
  void theCacheIsAFunctionOfNothingElse() {
    String rounded = "--kv-cache=bf16";
    String expected = text(run, rounded, "--threads=1", "--kernels=scalar", "--max-tokens=800");
    assertThat(text(run, rounded, "--threads=2", "--max-tokens=800")).isEqualTo(expected);
    assertThat(text(run, rounded, "--lookup", "--max-tokens=800")).isEqualTo(expected);
    String several = text(run, rounded, "--samples=3", "--max-tokens=800");
    assertThat(several).contains(expected.strip());
    assertThat(text(run, "--kv-cache=f32")).isEqualTo(text(run));
  }

  /** Hot enough that a token hangs by little: the rounding is small. */
  @Test
  void aRoundedCacheShows() {
    String[] hot = {"--temperature=3", "--max-tokens=2000", "--samples=8"};
    String[] rounded = Arrays.copyOf(hot, hot.length + 1);
    rounded[hot.length] = "--kv-cache=bf16";
    assertThat(text(run, rounded)).isNotEqualTo(text(run, hot));
  }

  @Test
  void keysAndValuesAreHeldInNothingElse() {
    CommandRun refused = CommandRun.of("generate", "--model=" + run, "--kv-cache=int8");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("--kv-cache", "int8", "BF16");
    assertThat(CommandRun.of("chat", "--help").out()).contains("--kv-cache");
    assertThat(CommandRun.of("eval", "--help").out()).doesNotContain("--kv-cache");
  }

  @Test
  void anotherNameIsRefused() {
    CommandRun refused =
        CommandRun.of("generate", "--model=" + run, "--weights=int4", "--max-tokens=1");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err()).contains("--weights", "int4", "BF16");
  }
}
