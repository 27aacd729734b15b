package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.check.ReferenceTransformer;
import dev.lanewise.model.memory.Batch;
import org.junit.jupiter.api.Test;

/** A batch says which of its targets count; the loss and its gradients are of those alone. */
class CountedTargetsTest {

  private static final int SEQUENCES = 3;
  private static final int TIME = 11;
  private static final int ROWS = SEQUENCES * TIME;
  private static final double EPSILON = 1e-5;

  private final int[] ids = new int[ROWS];
  private final int[] targets = new int[ROWS];

  private void draw(int[] windows) {
    RandomStream random = new RandomStream(3, RandomStream.DIAGNOSTICS, 0);
    for (int row = 0; row < ROWS; row++) {
      int place = row / TIME * (TIME + 1) + row % TIME;
      ids[row] = windows[place];
      targets[row] = random.nextInt(3) == 0 ? windows[place + 1] : Batch.UNCOUNTED;
    }
  }

  /** The reference's mean over what counts. */
  private double mean(TestModel model, double[] weights, int[] windows) {
    double[] losses =
        new ReferenceTransformer(model.transformer.config(), model.transformer.layout(), weights)
            .losses(windows, SEQUENCES);
    double sum = 0;
    for (int row = 0; row < ROWS; row++) {
      sum += targets[row] == Batch.UNCOUNTED ? 0 : losses[row];
    }
    return sum / Batch.counted(targets, 0, ROWS);
  }

  @Test
  void lossAndGradientsAreThoseOfTheReference() {
    for (KernelSet kernels : new KernelSet[] {ScalarKernels.create(), VectorKernels.create()}) {
      TestModel model = new TestModel(TestModel.config(true, true, 0), kernels, SEQUENCES);
      int[] windows = model.randomWindows(SEQUENCES, TIME);
      draw(windows);
      model.pass.batch().takeRows(ids, targets, 0, SEQUENCES, TIME);
      int counted = model.pass.batch().counted();
      assertThat(counted).isBetween(1, ROWS - 1);

      double loss = model.transformer.lossAndGradients(model.pass, 1f / counted) / counted;

      double[] weights = new double[model.weights.data().length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = model.weights.data()[i];
      }
      assertThat(loss).isCloseTo(mean(model, weights, windows), within(1e-5));
      assertThat(model.transformer.loss(model.pass) / counted).isEqualTo(loss);
      for (int i = 0; i < weights.length; i += 997) {
        double weight = weights[i];
        weights[i] = weight + EPSILON;
        double above = mean(model, weights, windows);
        weights[i] = weight - EPSILON;
        double below = mean(model, weights, windows);
        weights[i] = weight;
        double expected = (above - below) / (2 * EPSILON);
        assertThat((double) model.gradients.data()[i])
            .as("element %d", i)
            .isCloseTo(expected, within(1e-3 * Math.max(1e-3, Math.abs(expected))));
      }
    }
  }

  @Test
  void aBatchTakesNoMoreRowsThanItHasRoomFor() {
    Batch batch = new Batch(ROWS - 1);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> batch.takeRows(ids, targets, 0, SEQUENCES, TIME));
    batch.takeRows(ids, targets, TIME, SEQUENCES - 1, TIME);
    assertThat(batch.rows()).isEqualTo(2 * TIME);
    assertThat(batch.counted()).isEqualTo(2 * TIME);
  }
}
