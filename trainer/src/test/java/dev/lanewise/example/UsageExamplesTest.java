package dev.lanewise.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.run.TrainingRun;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of USAGE compile, do what they say, and are the ones in it. */
class UsageExamplesTest {

  private static final Path USAGE = Path.of("..", "docs", "USAGE.md");

  @TempDir private Path folder;

  @Test
  void aRunIsStoppedGoesOnAndWrites() throws IOException {
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "the quick brown fox jumps over the lazy dog. ".repeat(60));
    Settings settings =
        Preset.SHAKESPEARE_CHAR
            .layer()
            .with(ConfigKey.STEPS, 300L)
            .with(ConfigKey.LAYERS, 2)
            .with(ConfigKey.D_MODEL, 64)
            .with(ConfigKey.EVALUATE_EVERY, 300L)
            .with(ConfigKey.SAMPLE_TOKENS, 0)
            .toSettings();
    Path run = folder.resolve("run");

    TrainingRun.Outcome stopped = ContinueARun.begin(settings, run, text, 2, 20);
    assertThat(stopped.completed()).isFalse();
    assertThat(stopped.completedSteps()).isEqualTo(20);

    TrainingRun.Outcome outcome = ContinueARun.resume(run, 1);
    assertThat(outcome.completed()).isTrue();
    assertThat(outcome.completedSteps()).isEqualTo(300);

    int[] ids = ContinueARun.write(run, "the quick ", 14, 2);
    // The alphabet in the order of its characters: a space, a full stop, and a to z.
    StringBuilder written = new StringBuilder();
    for (int id : ids) {
      written.append(" .abcdefghijklmnopqrstuvwxyz".charAt(id));
    }
    assertThat(written).hasToString("brown fox jump");
  }

  /** The loss is that of the logits, and moves with a weight as its gradient says. */
  @Test
  void logitsLossAndGradientsBelongTogether() {
    Settings settings =
        Preset.SHAKESPEARE_CHAR
            .layer()
            .with(ConfigKey.CONTEXT, 6)
            .with(ConfigKey.D_MODEL, 32)
            .toSettings();
    Transformer transformer =
        new Transformer(settings.model().description(11).config(), VectorKernels.create(), 2);
    ParameterStore weights = transformer.initialize(3);
    int[] ids = {1, 2, 3, 4, 5, 6, 10, 9, 8, 7, 6, 5};
    int[] targets = {2, 3, Batch.UNCOUNTED, 5, 6, 7, 9, 8, 7, Batch.UNCOUNTED, 5, 4};
    String name = "layers.0.attention.qkv.weight";

    float[] logits = new float[12 * 11];
    LogitsAndGradients.Result result =
        LogitsAndGradients.compute(transformer, weights, ids, targets, 2, name, logits);
    assertThat(result.loss()).isCloseTo(meanLoss(logits, targets), within(1e-5));

    FloatTensor weight = weights.tensor(name);
    assertThat(result.gradient().shape()).isEqualTo(weight.shape());
    double square = 0;
    for (int i = 0; i < weight.size(); i++) {
      square += (double) result.gradient().get(i) * result.gradient().get(i);
    }
    float step = (float) (0.01 / Math.sqrt(square));
    for (int i = 0; i < weight.size(); i++) {
      weight.set(i, weight.get(i) - step * result.gradient().get(i));
    }
    double below =
        LogitsAndGradients.compute(transformer, weights, ids, targets, 2, name, logits).loss();
    double expected = step * square;
    assertThat(result.loss() - below).isCloseTo(expected, within(0.1 * expected));
  }

  private static double meanLoss(float[] logits, int[] targets) {
    int columns = logits.length / targets.length;
    double sum = 0;
    int counted = 0;
    for (int row = 0; row < targets.length; row++) {
      if (targets[row] == Batch.UNCOUNTED) {
        continue;
      }
      double total = 0;
      for (int j = 0; j < columns; j++) {
        total += Math.exp(logits[row * columns + j]);
      }
      sum += Math.log(total) - logits[row * columns + targets[row]];
      counted++;
    }
    return sum / counted;
  }

  @Test
  void answersAreLearned() {
    assertThat(LearnAnswers.trainAndAnswer(600, List.of("fox", "bmz", "hod")))
        .containsExactly("xof.", "zmb.", "doh.");
  }

  @Test
  void aModelIsTalkedTo() throws IOException {
    StringBuilder shown = new StringBuilder();
    String answer =
        TalkToAModel.ask(HuggingFaceModels.copy("llama3", folder.resolve("model")), shown::append);
    assertThat(shown.toString()).isNotEmpty().endsWith(answer);
    ExampleSource.requireShown(
        Path.of("..", "README.md"),
        TalkToAModel.class,
        "// USAGE: begin chat",
        "// USAGE: end chat");
  }

  @ParameterizedTest
  @CsvSource({
    "ContinueARun, run",
    "ContinueARun, resume",
    "ContinueARun, generate",
    "LogitsAndGradients, logits",
    "LearnAnswers, mask",
    "TalkToAModel, chat"
  })
  void usageShowsTheseLines(String example, String part) throws Exception {
    ExampleSource.requireShown(
        USAGE,
        Class.forName("dev.lanewise.example." + example),
        "// USAGE: begin " + part,
        "// USAGE: end " + part);
  }
}
