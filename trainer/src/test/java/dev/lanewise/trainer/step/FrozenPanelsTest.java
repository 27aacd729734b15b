package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.fixture.SmallTrainer;
import dev.lanewise.trainer.settings.Settings;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Frozen matrices that are held in sixteen bits alone: training has the bits of a training whose
 * frozen weights are floats of these values.
 */
class FrozenPanelsTest {

  private static final int STEPS = 4;
  private static final KernelSet KERNELS = VectorKernels.create();

  private final Settings settings = SmallTrainer.layer().toSettings();
  private final Transformer transformer =
      new Transformer(
          settings.model().description(SmallTrainer.VOCABULARY).config(),
          KERNELS,
          Trainer.sequencesPerPass(settings),
          settings.model().description(SmallTrainer.VOCABULARY).config().contextLength(),
          name -> name.contains("norm") || name.contains("attention.output"));
  private final ParameterStore all = transformer.initialize(settings.step().seed());

  private float[] trained(ParameterStore weights, WeightPanels panels) {
    try (WorkerPool pool = new WorkerPool(2)) {
      Trainer trainer =
          new Trainer(TrainerParts.of(settings, transformer, KERNELS, pool, weights, panels));
      int time = transformer.time();
      int[] ids = new int[settings.step().batch() * (time + 1)];
      float[] losses = new float[STEPS];
      for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < ids.length; i++) {
          ids[i] = (i * i + step) % SmallTrainer.VOCABULARY;
        }
        trainer.step(step, new int[][] {ids});
        losses[step] = (float) trainer.loss();
      }
      int end = transformer.layout().trainableSize();
      float[] found = Arrays.copyOf(weights.data(), end + STEPS);
      System.arraycopy(losses, 0, found, end, STEPS);
      return found;
    }
  }

  @Test
  void trainingHasTheSameBits() {
    for (int i = transformer.layout().trainableSize(); i < all.data().length; i++) {
      all.data()[i] = Float.intBitsToFloat(Precision.bfloat16(all.data()[i]) << Short.SIZE);
    }
    WeightStorage storage = WeightStorage.ofFrozen(WeightStorage.packedIn(Precision.BF16));
    WeightPanels panels = transformer.newPanels(true, storage);
    ParameterStore store = panels.newStore();
    for (Parameter parameter : transformer.layout().parameters()) {
      float[] values = all.tensor(parameter).toArray();
      if (panels.holds(parameter)) {
        panels.packHeld(parameter, 0, values.length / parameter.rowSize(), values);
      } else {
        System.arraycopy(values, 0, store.data(), store.offset(parameter), values.length);
      }
    }
    assertThat(store.data().length).isLessThan(all.data().length / 2);
    float[] before = Arrays.copyOf(store.data(), transformer.layout().trainableSize());

    float[] found = trained(store, panels);
    assertThat(found).isEqualTo(trained(all, transformer.newPanels(true)));
    assertThat(Arrays.copyOf(found, before.length)).isNotEqualTo(before).doesNotContain(Float.NaN);
  }
}
