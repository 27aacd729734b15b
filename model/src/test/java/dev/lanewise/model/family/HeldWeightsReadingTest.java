package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights read straight into panels are those that are read into a store and packed. */
class HeldWeightsReadingTest {

  @ParameterizedTest
  @CsvSource({
    "gpt2, hf, F32",
    "llama-smollm2, hf, F32",
    "llama3, hf, F32",
    "mistral, hf, F32",
    "qwen2, hf, F32",
    "qwen3, hf, F32",
    "gpt-neox, hf, F32",
    "llama-smollm2, hf-bf16, BF16",
    "llama-smollm2, hf-f16, F16"
  })
  void aFileIsHeldAsItIs(String name, String form, Precision expected) throws IOException {
    Path folder = ModelFolders.huggingFace(name).resolve(form);
    ModelDescription model = ModelFolder.readConfig(folder);
    Transformer transformer = new Transformer(model.config(), VectorKernels.create(), 1);
    assertThat(ModelFolder.precision(folder)).isEqualTo(expected);
    List<Long> told = new ArrayList<>();
    HeldWeights held =
        ModelFolder.readHeldWeights(
            folder, model, transformer, false, precision -> precision, note -> {}, told::add);

    assertThat(told.stream().mapToLong(bytes -> bytes).sum())
        .isEqualTo(Float.BYTES * transformer.countParameters());
    ParameterStore weights = ModelFolder.readWeights(folder, model, transformer);
    WeightPanels panels = transformer.newPanels(false);
    try (WorkerPool pool = new WorkerPool(2)) {
      panels.pack(pool, weights);
      assertThat(decoded(transformer, held.store(), held.panels(), pool))
          .isDeepEqualTo(decoded(transformer, weights, panels, pool));
    }
    long bytes = transformer.weightBytes(false, WeightStorage.packedIn(expected));
    assertThat(bytes).isLessThan(transformer.weightBytes(false, WeightStorage.STORED));
    for (Parameter parameter : held.store().parameters()) {
      assertThat(held.panels().holds(parameter)).isFalse();
      assertThat(held.store().tensor(parameter).toArray())
          .isEqualTo(weights.tensor(parameter).toArray());
    }
  }

  /** Rounded while it is read, with the bits of what is rounded in memory. */
  @Test
  void aFileIsRoundedAsWeightsAre() throws IOException {
    Path folder = ModelFolders.huggingFace("llama-smollm2").resolve("hf");
    ModelDescription model = ModelFolder.readConfig(folder);
    Transformer transformer = new Transformer(model.config(), VectorKernels.create(), 1);
    ParameterStore weights = ModelFolder.readWeights(folder, model, transformer);
    try (WorkerPool pool = new WorkerPool(2)) {
      float[][] exact = null;
      for (Precision precision : Precision.values()) {
        HeldWeights held =
            ModelFolder.readHeldWeights(
                folder, model, transformer, false, any -> precision, note -> {}, read -> {});
        WeightPanels panels = transformer.newPanels(false, WeightStorage.packedIn(precision));
        for (Parameter parameter : transformer.layout().parameters()) {
          if (panels.holds(parameter)) {
            int rows = parameter.size() / parameter.rowSize();
            panels.packHeld(parameter, 0, rows, weights.tensor(parameter).toArray());
          }
        }
        float[][] found = decoded(transformer, held.store(), held.panels(), pool);
        assertThat(found).isDeepEqualTo(decoded(transformer, weights, panels, pool));
        exact = exact == null ? found : exact;
        assertThat(found[3][5]).isNotNaN();
        if (precision != Precision.F32) {
          assertThat(found[3]).isNotEqualTo(exact[3]);
        }
      }
    }
  }

  /** Of a training only what is frozen is held alone; the rest is packed from the store. */
  @Test
  void frozenMatricesAreReadForATraining() throws IOException {
    Path folder = ModelFolders.huggingFace("llama-smollm2").resolve("hf-bf16");
    ModelDescription model = ModelFolder.readConfig(folder);
    Transformer transformer =
        new Transformer(
            model.config(), VectorKernels.create(), 1, 8, name -> name.contains("attention."));
    HeldWeights held =
        ModelFolder.readHeldWeights(
            folder, model, transformer, true, precision -> precision, note -> {}, read -> {});
    ParameterStore weights = ModelFolder.readWeights(folder, model, transformer);
    WeightPanels panels = transformer.newPanels(true);
    assertThat(held.store().parameters()).containsAll(transformer.layout().trainable());
    assertThat(held.store().data().length).isLessThan(weights.data().length / 2);
    try (WorkerPool pool = new WorkerPool(2)) {
      panels.pack(pool, weights);
      held.panels().pack(pool, held.store());
      assertThat(gradients(transformer, held.store(), held.panels()))
          .isEqualTo(gradients(transformer, weights, panels));
    }
  }

  private static float[] gradients(
      Transformer transformer, ParameterStore weights, WeightPanels panels) {
    ParameterStore gradients = ParameterStore.ofTrainable(transformer.layout());
    Pass pass = transformer.newPass();
    pass.bind(weights, panels, gradients);
    pass.batch().takeWindows(new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5}, 0, 1, 8);
    assertThat(transformer.lossAndGradients(pass, 1f)).isFinite();
    return gradients.data();
  }

  private static float[][] decoded(
      Transformer transformer, ParameterStore weights, WeightPanels panels, WorkerPool pool) {
    Decoder decoder = transformer.newDecoder(weights, panels, pool);
    float[][] logits = new float[8][];
    for (int t = 0; t < logits.length; t++) {
      logits[t] = decoder.accept(7 * t % transformer.config().vocabularySize()).clone();
    }
    return logits;
  }
}
