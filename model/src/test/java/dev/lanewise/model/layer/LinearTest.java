package dev.lanewise.model.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
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
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A linear layer against the chains that define it, in each way that its products can go. */
class LinearTest {

  /**
   * Many rows, which pack the weight, and few, which read it in place; one and several panels; a
   * width of a page, whose columns lie in few places of a cache; products that a team cuts by rows
   * and by columns; so many rows that a large model's weights are not packed at all.
   */
  @ParameterizedTest
  @CsvSource({
    "12, 5, 7",
    "9, 48, 33",
    "2, 70, 65",
    "5, 33, 129",
    "7, 1024, 3",
    "3, 1024, 40",
    "40, 300, 700",
    "120, 300, 700",
    "513, 45, 131"
  })
  void hasTheBitsOfItsDefinition(int rows, int in, int out) {
    float[] weights = random(1, in * out + out);
    float[] x = random(2, rows * in);
    float[] dy = random(3, rows * out);
    float[] y = new float[rows * out];
    float[] dx = new float[rows * in];
    float[] gradients = new float[weights.length];
    define(rows, in, out, weights, x, dy, y, dx, gradients);

    for (KernelSet kernels : List.of(ScalarKernels.create(), VectorKernels.create())) {
      for (int members : new int[] {1, 2, 5}) {
        Blueprint blueprint =
            new Blueprint(kernels, 1, rows, rows, name -> true, Adaptation.NONE, (long) in * out);
        Linear linear = new Linear(blueprint, "linear", in, out, true, Initializer.ZEROS);
        Activation xAt = blueprint.result("x", in);
        Activation yAt = blueprint.result("y", out);
        Activation dxAt = blueprint.result("dx", in);
        ParameterStore store = new ParameterStore(blueprint.layout());
        System.arraycopy(weights, 0, store.data(), 0, weights.length);
        ParameterStore found = ParameterStore.ofTrainable(blueprint.layout());
        WeightPanels panels = blueprint.panels().allocate(blueprint.layout(), true);
        String as = "%s, team of %d".formatted(kernels.name(), members);
        try (WorkerPool pool = new WorkerPool(members)) {
          assertThat(blueprint.panels().bytes(true) < 4L * in * out).isEqualTo(rows >= 512);
          panels.pack(pool, store);
          Pass[] passes = blueprint.passes().allocate(Use.TRAINING, 1, new Team(pool, members));
          for (Pass pass : passes) {
            pass.bind(store, panels, found);
            pass.batch().takeWindows(new int[rows + 1], 0, 1, rows);
          }
          Arrays.fill(passes[0].view(xAt).data(), Float.NaN);
          put(x, passes[0].view(xAt));

          pool.run(members, (member, worker) -> linear.forward(passes[member], xAt, yAt));
          assertThat(get(passes[0].view(yAt), rows)).as(as).isEqualTo(y);
          put(dy, passes[0].view(yAt));
          pool.run(members, (member, worker) -> linear.backward(passes[member], xAt, yAt, dxAt));
          assertThat(get(passes[0].view(dxAt), rows)).as(as).isEqualTo(dx);
          assertThat(found.data()).as(as).isEqualTo(gradients);
        }
      }
    }
  }

  @Test
  void theGradientOfAWeightByInputsTakesAllRows() {
    KernelSet kernels = ScalarKernels.create();
    Blueprint blueprint = new Blueprint(kernels, 1, 2, 2, name -> true, Adaptation.NONE, 6);
    WeightGradient gradient =
        new WeightGradient(blueprint, blueprint.scratch(), 2, 3, pass -> null, false, 2);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> gradient.prepare(null, 1, null, 1, null))
        .withMessageContaining("rows of x from 1");
  }

  private static void put(float[] values, Matrix matrix) {
    System.arraycopy(values, 0, matrix.data(), matrix.offset(), values.length);
  }

  private static float[] get(Matrix matrix, int rows) {
    return Arrays.copyOfRange(matrix.data(), matrix.offset(), matrix.offset(rows));
  }

  private static void define(
      int rows,
      int in,
      int out,
      float[] weights,
      float[] x,
      float[] dy,
      float[] y,
      float[] dx,
      float[] gradients) {
    for (int r = 0; r < rows; r++) {
      for (int o = 0; o < out; o++) {
        float sum = weights[in * out + o];
        for (int i = 0; i < in; i++) {
          sum = Math.fma(x[r * in + i], weights[i * out + o], sum);
          gradients[i * out + o] = Math.fma(x[r * in + i], dy[r * out + o], gradients[i * out + o]);
        }
        y[r * out + o] = sum;
        gradients[in * out + o] += dy[r * out + o];
      }
      for (int i = 0; i < in; i++) {
        float sum = 0;
        for (int o = 0; o < out; o++) {
          sum = Math.fma(dy[r * out + o], weights[i * out + o], sum);
        }
        dx[r * in + i] = sum;
      }
    }
  }

  private static float[] random(long seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
