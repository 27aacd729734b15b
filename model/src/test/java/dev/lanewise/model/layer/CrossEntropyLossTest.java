package dev.lanewise.model.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many rows are worked on at once must not show. */
class CrossEntropyLossTest {

  private static final int VOCABULARY = 37;
  private static final int WIDTH = 19;
  private static final int SEQUENCES = 5;
  private static final int TIME = 7;
  private static final int ROWS = SEQUENCES * TIME;
  private static final float SCALE = 1f / ROWS;

  /** The least that a head can be trained with: an embedding below, whose table it may share. */
  private static final class Head {

    private final Embedding embedding;
    private final CrossEntropyLoss loss;
    private final Activation x;
    private final Activation dx;
    private final List<Parameter> accumulated;
    private final ParameterStore gradients;
    private final Pass pass;

    Head(KernelSet kernels, boolean tied, int blockRows) {
      Blueprint blueprint =
          new Blueprint(kernels, SEQUENCES, TIME, TIME, name -> true, Adaptation.NONE);
      embedding = new Embedding(blueprint, VOCABULARY, WIDTH, Initializer.ZEROS);
      loss =
          new CrossEntropyLoss(
              blueprint,
              tied ? embedding.table() : head(blueprint),
              CrossEntropyLoss.Choice.EXACT,
              blockRows);
      x = blueprint.result("x", WIDTH);
      dx = blueprint.result("dx", WIDTH);
      accumulated = blueprint.accumulated();
      ParameterStore weights = random(1, blueprint.layout());
      gradients = ParameterStore.ofTrainable(blueprint.layout());
      // What a fresh pass has to overwrite.
      Arrays.fill(gradients.data(), Float.NaN);
      pass = blueprint.passes().allocate(Use.TRAINING, SEQUENCES, Team.alone())[0];
      WeightPanels panels = blueprint.panels().allocate(blueprint.layout(), true);
      try (WorkerPool pool = new WorkerPool(1)) {
        panels.pack(pool, weights);
      }
      pass.bind(weights, panels, gradients);
    }

    private static Parameter head(Blueprint blueprint) {
      return blueprint.parameter("head.weight", Role.HEAD, Initializer.ZEROS, VOCABULARY, WIDTH);
    }

    private static ParameterStore random(long seed, ParameterLayout layout) {
      RandomStream random = new RandomStream(seed, RandomStream.DIAGNOSTICS, 0);
      ParameterStore store = new ParameterStore(layout);
      for (int i = 0; i < layout.size(); i++) {
        store.data()[i] = (float) random.nextGaussian();
      }
      return store;
    }

    /** Feeds a batch and takes it forward and backward; returns losses, dx and all gradients. */
    int[] train(long batch) {
      feed(batch);
      if (pass.isFresh()) {
        for (Parameter parameter : accumulated) {
          int from = gradients.layout().offset(parameter);
          Arrays.fill(gradients.data(), from, from + parameter.size(), 0f);
        }
      }
      loss.forwardAndBackward(pass, SCALE, x, dx);
      embedding.backward(pass, dx);
      pass.gradientsWritten();
      float[] all = gradients.data();
      float[] found = Arrays.copyOf(pass.losses(), ROWS + ROWS * WIDTH + all.length);
      Matrix d = pass.view(dx);
      System.arraycopy(d.data(), d.offset(), found, ROWS, ROWS * WIDTH);
      System.arraycopy(all, 0, found, ROWS + ROWS * WIDTH, all.length);
      return bits(found);
    }

    /** Returns the losses alone. */
    int[] losses(long batch) {
      feed(batch);
      loss.forward(pass, x);
      return bits(pass.losses());
    }

    private void feed(long batch) {
      RandomStream random = new RandomStream(batch, RandomStream.DIAGNOSTICS, 1);
      int[] windows = new int[SEQUENCES * (TIME + 1)];
      Arrays.setAll(windows, i -> random.nextInt(VOCABULARY));
      pass.batch().takeWindows(windows, 0, SEQUENCES, TIME);
      embedding.forward(pass, x);
    }

    private static int[] bits(float[] values) {
      int[] bits = new int[values.length];
      Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
      return bits;
    }
  }

  /** 35 rows in one block, in 18 + 17, in 16 + 16 + 3, and in sixes, which read W in place. */
  @ParameterizedTest
  @CsvSource({"18, true", "18, false", "16, true", "16, false", "6, true", "6, false"})
  void blocksDoNotShow(int blockRows, boolean tied) {
    Head definition = new Head(ScalarKernels.create(), tied, ROWS);
    Head whole = new Head(VectorKernels.create(), tied, ROWS);
    Head blocks = new Head(VectorKernels.create(), tied, blockRows);

    for (long batch : new long[] {5, 6}) {
      String pass = batch == 5 ? "the fresh pass" : "the pass that adds";
      int[] expected = definition.train(batch);
      assertThat(expected).doesNotContain(Float.floatToIntBits(Float.NaN));
      assertThat(whole.train(batch)).as("one block, %s", pass).isEqualTo(expected);
      assertThat(blocks.train(batch)).as("blocks, %s", pass).isEqualTo(expected);
    }
    assertThat(blocks.losses(7)).isEqualTo(definition.losses(7));
  }

  /** 192 rows are 96 + 96, not 128 + 64; GPT-2's weights, which no cache holds, get more rows. */
  @ParameterizedTest
  @CsvSource({
    "192, 5000, 128, 96",
    "512, 5000, 128, 128",
    "128, 50257, 768, 128",
    "1024, 50257, 768, 256",
    "1024, 50257, 128, 128",
    "7, 65, 128, 7",
    "256, 200000, 768, 64"
  })
  void theRowsOfAPassAreCutEvenly(int rows, int vocabularySize, int width, int expected) {
    Blueprint blueprint =
        new Blueprint(VectorKernels.create(), 1, rows, rows, name -> true, Adaptation.NONE);
    Parameter head =
        blueprint.parameter("head.weight", Role.HEAD, Initializer.ZEROS, vocabularySize, width);

    assertThat(new CrossEntropyLoss(blueprint, head, CrossEntropyLoss.Choice.EXACT).blockRows())
        .isEqualTo(expected);
  }
}
