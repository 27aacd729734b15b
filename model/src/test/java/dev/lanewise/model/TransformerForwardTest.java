package dev.lanewise.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.check.ReferenceTransformer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransformerForwardTest {

  /**
   * Of a row's loss, in nats; the greatest seen is a tenth of it. The losses are up to 10, whose
   * float32 spacing is 1e-6.
   */
  private static final double ROW_BOUND = 2e-5;

  @ParameterizedTest
  @CsvSource({
    "true, true, 0, 3, 13",
    "true, false, 0, 3, 13",
    "false, true, 0, 1, 7",
    "false, false, 0.3, 2, 13",
    "true, true, 0.1, 3, 1"
  })
  void everyRowsLossIsTheReferences(
      boolean biases, boolean tiedHead, float dropout, int sequences, int time) {
    for (KernelSet kernels : new KernelSet[] {ScalarKernels.create(), VectorKernels.create()}) {
      TestModel model =
          new TestModel(TestModel.config(biases, tiedHead, dropout), kernels, sequences);
      int[] windows = model.randomWindows(sequences, time);
      model.pass.batch().takeWindows(windows, 0, sequences, time);
      Transformer transformer = model.transformer;
      ReferenceTransformer reference =
          new ReferenceTransformer(
              transformer.config(), transformer.layout(), widen(model.weights.data()));
      assertSameLosses(model, reference.losses(windows, sequences));

      model.pass.withDropout(5, 9, 0);
      assertSameLosses(model, reference.inTraining(5, 9).losses(windows, sequences));

      model.pass.withoutDropout();
      assertSameLosses(model, reference.losses(windows, sequences));
    }
  }

  private static void assertSameLosses(TestModel model, double[] expected) {
    double sum = model.transformer.loss(model.pass);
    double expectedSum = 0;
    double rowSum = 0;
    for (int row = 0; row < expected.length; row++) {
      float found = model.pass.losses()[row];
      assertThat((double) found).as("row " + row).isCloseTo(expected[row], within(ROW_BOUND));
      expectedSum += expected[row];
      rowSum += found;
    }
    assertThat(sum).isCloseTo(expectedSum, within(ROW_BOUND * Math.sqrt(expected.length)));
    assertThat(sum).isEqualTo(rowSum);
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
