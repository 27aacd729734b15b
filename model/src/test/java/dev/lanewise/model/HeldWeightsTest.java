package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Weights that are held packed alone compute the bits of weights in a store that were rounded
 * before: the logits of a pass and of a decoder, the loss, and the gradients of what is trained.
 */
class HeldWeightsTest {

  private static final int SEQUENCES = 3;

  static Stream<TransformerConfig> examples() {
    return Families.STANDARD.all().stream()
        .flatMap(family -> family.examples(0f).stream())
        .distinct();
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyFamilyComputesWithRoundedWeights(TransformerConfig config) {
    for (Precision precision : Precision.values()) {
      for (KernelSet kernels : List.of(ScalarKernels.create(), VectorKernels.create())) {
        Held held = new Held(new TestModel(config, kernels, SEQUENCES), precision);
        held.model.panels.pack(held.pool, held.model.weights);
        assertThat(held.losses(held.store, held.panels))
            .as("%s, %s", precision, kernels.name())
            .isEqualTo(held.losses(held.model.weights, held.model.panels));
        assertThat(held.decoded(held.store, held.panels))
            .as("%s, %s", precision, kernels.name())
            .isDeepEqualTo(held.decoded(held.model.weights, held.model.panels));
        held.pool.close();
      }
    }
  }

  /** A model whose weights have been rounded, and the same held in panels alone. */
  private static final class Held {

    private final TestModel model;
    private final ParameterStore store;
    private final WeightPanels panels;
    private final WorkerPool pool = new WorkerPool(2);

    Held(TestModel model, Precision precision) {
      this.model = model;
      this.panels = model.transformer.newPanels(false, WeightStorage.packedIn(precision));
      this.store = panels.newStore();
      hold(model, panels, store);
      round(model, panels, precision);
    }

    double[] losses(ParameterStore weights, WeightPanels packed) {
      int time = model.transformer.time();
      int[] windows = model.randomWindows(SEQUENCES, time);
      double[] losses = new double[2];
      Pass[] passes = model.transformer.newPasses(Use.INFERENCE, new Team(pool, 2));
      pool.run(
          2,
          (member, worker) -> {
            passes[member].bind(weights, packed, null);
            passes[member].batch().takeWindows(windows, 0, SEQUENCES, time);
            losses[member] = model.transformer.loss(passes[member]);
          });
      return losses;
    }

    float[][] decoded(ParameterStore weights, WeightPanels packed) {
      int time = model.transformer.time();
      int[] ids = model.randomWindows(1, time);
      Decoder decoder = model.transformer.newDecoder(weights, packed, pool);
      float[][] logits = new float[time][];
      for (int t = 0; t < time; t++) {
        logits[t] = decoder.accept(ids[t]).clone();
      }
      return logits;
    }
  }

  /** In parts of a few rows. */
  private static void hold(TestModel model, WeightPanels panels, ParameterStore store) {
    for (Parameter parameter : model.transformer.layout().parameters()) {
      float[] values = model.weights.tensor(parameter).toArray();
      if (!panels.holds(parameter)) {
        System.arraycopy(values, 0, store.data(), store.offset(parameter), values.length);
        continue;
      }
      int columns = parameter.rowSize();
      int rows = values.length / columns;
      for (int row = 0; row < rows; row += panels.rowUnit()) {
        int n = Math.min(panels.rowUnit(), rows - row);
        float[] part = Arrays.copyOfRange(values, row * columns, (row + n) * columns);
        panels.packHeld(parameter, row, n, part);
      }
    }
  }

  /** What the panels hold, by the definition: groups go along the inputs of a product. */
  private static void round(TestModel model, WeightPanels panels, Precision precision) {
    Matmul matmul = ScalarKernels.create().matmul();
    for (Parameter parameter : model.transformer.layout().parameters()) {
      if (!panels.holds(parameter)) {
        continue;
      }
      boolean table = parameter.role() == Role.EMBEDDING || parameter.role() == Role.HEAD;
      int columns = parameter.rowSize();
      int rows = parameter.size() / columns;
      int k = table ? columns : rows;
      int n = table ? rows : columns;
      PackedMatrix packed =
          matmul.allocate(List.of(new PackedMatrix.Size(k, n, precision))).getFirst();
      Matrix lying = model.weights.matrix(parameter);
      matmul.pack(k, table ? lying.transposed(rows) : lying, 0, packed, 0, 0, n);
      int[] all = new int[n];
      Arrays.setAll(all, i -> i);
      float[] rounded = new float[n * k];
      matmul.gatherColumns(0, n, k, all, packed, Matrix.of(rounded, 0, k));
      for (int j = 0; j < n; j++) {
        for (int p = 0; p < k; p++) {
          int at = table ? j * columns + p : p * columns + j;
          model.weights.tensor(parameter).set(at, rounded[j * k + p]);
        }
      }
    }
  }

  /** Frozen matrices, of shapes that backward reads in place and of others. */
  @ParameterizedTest
  @EnumSource(Precision.class)
  void frozenWeightsPassBackTheSameGradients(Precision precision) {
    for (boolean tied : new boolean[] {true, false}) {
      for (int width : new int[] {36, 192}) {
        TransformerConfig config = TestModel.gpt2(67, 13, width, 3, 2, 90, true, tied, 0.1f);
        Transformer transformer =
            new Transformer(
                config,
                VectorKernels.create(),
                SEQUENCES,
                config.contextLength(),
                name -> name.contains("norm") || name.contains("bias"));
        TestModel model = new TestModel(transformer);
        WeightStorage storage = WeightStorage.ofFrozen(WeightStorage.packedIn(precision));
        WeightPanels panels = transformer.newPanels(true, storage);
        ParameterStore store = panels.newStore();
        hold(model, panels, store);
        round(model, panels, precision);
        try (WorkerPool pool = new WorkerPool(2)) {
          model.panels.pack(pool, model.weights);
          for (int members = 1; members <= 2; members++) {
            assertThat(gradients(model, store, panels, pool, members))
                .as("%s, tied %s, width %d, %d members", precision, tied, width, members)
                .isEqualTo(gradients(model, model.weights, model.panels, pool, members))
                .doesNotContain(Float.NaN);
          }
        }
      }
    }
  }

  /** The rows of what is held for a training, in parts that are no multiple of anything. */
  @ParameterizedTest
  @MethodSource("examples")
  void whatIsHeldCanBeRead(TransformerConfig config) {
    TestModel model =
        new TestModel(
            new Transformer(
                config,
                VectorKernels.create(),
                SEQUENCES,
                config.contextLength(),
                name -> name.contains("norm")));
    Precision precision = Precision.BF16;
    WeightStorage storage = WeightStorage.ofFrozen(WeightStorage.packedIn(precision));
    WeightPanels panels = model.transformer.newPanels(true, storage);
    hold(model, panels, panels.newStore());
    round(model, panels, precision);
    int held = 0;
    for (Parameter parameter : model.transformer.layout().parameters()) {
      assertThat(panels.heldIn(parameter)).isEqualTo(panels.holds(parameter) ? precision : null);
      if (panels.holds(parameter)) {
        held++;
        assertThat(rows(panels, parameter))
            .as(parameter.name())
            .isEqualTo(model.weights.tensor(parameter).toArray());
      }
    }
    assertThat(held).isPositive();
  }

  private static float[] rows(WeightPanels panels, Parameter parameter) {
    int columns = parameter.rowSize();
    int rows = parameter.size() / columns;
    float[] all = new float[parameter.size()];
    float[] part = new float[7 * columns];
    for (int row = 0; row < rows; row += 7) {
      int n = Math.min(7, rows - row);
      panels.readHeld(parameter, row, n, part);
      System.arraycopy(part, 0, all, row * columns, n * columns);
    }
    return all;
  }

  private static float[] gradients(
      TestModel model, ParameterStore weights, WeightPanels panels, WorkerPool pool, int members) {
    Transformer transformer = model.transformer;
    int time = transformer.time();
    int[] windows = model.randomWindows(SEQUENCES, time);
    ParameterStore gradients = ParameterStore.ofTrainable(transformer.layout());
    Pass[] passes = transformer.newPasses(Use.TRAINING, new Team(pool, members));
    pool.run(
        members,
        (member, worker) -> {
          passes[member].bind(weights, panels, gradients);
          passes[member].batch().takeWindows(windows, 0, SEQUENCES, time);
          passes[member].withDropout(5, 2, 7);
          transformer.lossAndGradients(passes[member], 1f);
        });
    return gradients.data();
  }

  @Test
  void whatIsTrainedIsInTheStore() {
    Transformer model =
        new Transformer(TestModel.config(true, true, 0f), VectorKernels.create(), 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.newPanels(true, WeightStorage.packedIn(Precision.BF16)))
        .withMessageContaining("is trained");
    WeightPanels panels =
        model.newPanels(true, WeightStorage.ofFrozen(WeightStorage.packedIn(Precision.BF16)));
    assertThat(panels.newStore().parameters()).isEqualTo(model.layout().parameters());
  }

  @Test
  void backwardTakesNoOtherCopyOfWhatIsHeld() {
    Transformer model =
        new Transformer(
            TestModel.config(true, true, 0f), VectorKernels.create(), 1, 13, name -> false);
    WeightStorage storage = WeightStorage.packedIn(Precision.BF16);
    assertThat(model.weightBytes(true, storage)).isEqualTo(model.weightBytes(false, storage));
  }

  /** Training packs weights for forward and backward, unless they are many and passes are long. */
  @Test
  void aLargeModelIsNotPacked() {
    assertThat(copies(1024, 512)).isLessThan(0.01);
    assertThat(copies(1024, 511)).isGreaterThan(1.6);
    assertThat(copies(256, 512)).isGreaterThan(1.6);
  }

  private static double copies(int width, int rows) {
    TransformerConfig config = TestModel.gpt2(100, rows, width, 8, 8, 4 * width, true, false, 0f);
    Transformer model = new Transformer(config, VectorKernels.create(), 1);
    return (double) model.panelBytes(true) / model.panelBytes(false);
  }

  /** A matrix is in the panels or in the store, and the bytes say so. */
  @Test
  void eachWeightIsHeldOnce() {
    for (boolean tied : new boolean[] {true, false}) {
      TransformerConfig config = TestModel.gpt2(1000, 13, 64, 2, 2, 256, true, tied, 0f);
      Transformer model = new Transformer(config, VectorKernels.create(), 1);
      WeightStorage storage = WeightStorage.packedIn(Precision.BF16);
      WeightPanels panels = model.newPanels(false, storage);
      long stored = panels.newStore().data().length;
      long held = model.countParameters() - stored;
      // Vectors and positions.
      assertThat(stored).isLessThan(5000);
      assertThat(model.weightBytes(false, storage))
          .isBetween(2 * held + 4 * stored, 2 * held * 11 / 10 + 4 * stored);
      for (Parameter parameter : model.layout().parameters()) {
        assertThat(panels.holds(parameter))
            .as(parameter.name())
            .isEqualTo(parameter.shape().rank() == 2 && !parameter.name().contains("positions"));
      }
    }
  }
}
