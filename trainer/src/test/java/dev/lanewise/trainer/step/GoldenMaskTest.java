package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.token.PackedStep;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Losses and gradient norms where few targets count are those that transformers computes. */
class GoldenMaskTest {

  @TempDir Path folder;

  /** As one batch of two rows, in one shard or in two, or as two micro-batches of one. */
  @ParameterizedTest
  @CsvSource({
    "llama-smollm2, 2, 1, 1",
    "llama-smollm2, 2, 2, 1",
    "llama-smollm2, 1, 1, 2",
    "gpt2, 2, 1, 1",
    "gpt2, 1, 1, 2",
    "qwen3, 1, 1, 2"
  })
  void meansAreOverAllThatCounts(String name, int batch, int shards, int accumulation)
      throws Exception {
    JsonNode golden = new ObjectMapper().readTree(HuggingFaceModels.golden(name).toFile());
    int time = golden.get("input_ids").get(0).size();
    KnownModel known =
        KnownModel.in(HuggingFaceModels.copy(name, folder.resolve("model")), Progress.SILENT);
    Settings settings =
        Preset.TUNE
            .layer()
            .with(ConfigKey.FROM, known.folder().toString())
            .with(ConfigKey.CONTEXT, time)
            .with(ConfigKey.BATCH, batch)
            .with(ConfigKey.SHARDS, shards)
            .with(ConfigKey.ACCUMULATION, accumulation)
            .with(ConfigKey.DROPOUT, 0.0)
            .with(ConfigKey.LR, 0.0)
            .with(ConfigKey.MIN_LR, 0.0)
            .toSettings();
    Transformer transformer =
        new Transformer(
            known.trainedOn(settings.model()),
            VectorKernels.create(),
            Trainer.sequencesPerPass(settings),
            time);
    ParameterStore weights = known.readWeights(transformer, note -> {}, Progress.SILENT);
    try (WorkerPool pool = new WorkerPool(2)) {
      Trainer trainer =
          new Trainer(
              TrainerParts.of(settings, transformer, VectorKernels.create(), pool, weights));
      JsonNode masked = golden.get("masked");
      // The rate is 0, so that all see the same weights.
      for (JsonNode some : new JsonNode[] {masked, masked.get("row_1_blind")}) {
        trainer.step(0, step(golden.get("input_ids"), some.get("targets"), batch, accumulation));
        assertThat(trainer.loss()).isCloseTo(some.get("loss").asDouble(), within(1e-5));
        double norm = trainer.gradientNorm() / some.get("grad_norm").asDouble();
        assertThat(norm).isCloseTo(1, within(1e-5));
      }
    }
  }

  private static PackedStep step(JsonNode ids, JsonNode targets, int batch, int accumulation) {
    int time = ids.get(0).size();
    PackedStep step = PackedStep.of(accumulation, batch, time);
    for (int row = 0; row < ids.size(); row++) {
      step.packed().get(row / batch).add(ints(ids.get(row)), ints(targets.get(row)), 0, time);
      step.packed().get(row / batch).endWindow();
    }
    return step;
  }

  private static int[] ints(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).asInt()).toArray();
  }
}
