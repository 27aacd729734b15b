package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.TRANSCENDENTAL;
import static dev.lanewise.kernels.scalar.Rounding.U;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.Matrix;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Softmax cross-entropy against double. */
class CrossEntropyAccuracyTest {

  private final CrossEntropy crossEntropy = ScalarKernels.create().crossEntropy();

  @ParameterizedTest
  @CsvSource({
    "1, 0, 1",
    "2, 1, 1",
    "65, 64, 1",
    "5000, 17, 1",
    "50257, 50000, 1",
    "65, 3, 0.7",
    "500, 9, 1.3333334"
  })
  void lossAndGradient(int n, int target, float inverse) {
    float scale = 0.25f / inverse;
    float[] logits = Rounding.normal(n, n, 4f);
    double[] x = new double[n];
    Arrays.setAll(x, j -> (double) inverse * logits[j]);
    double max = Double.NEGATIVE_INFINITY;
    double min = Double.POSITIVE_INFINITY;
    for (double v : x) {
      max = Math.max(max, v);
      min = Math.min(min, v);
    }
    double sum = 0;
    for (double v : x) {
      sum += StrictMath.exp(v - max);
    }
    float[] gradient = logits.clone();
    float[] loss = new float[1];
    crossEntropy.lossAndGradient(
        0, 1, inverse, scale, Matrix.of(gradient, 0, n), new int[] {target}, loss, 0);

    // logits and the greatest of them are rounded when they are multiplied
    double rounding = inverse == 1 ? 0 : U * (Math.abs(max) + Math.max(max, -min));
    double h = U * (max - min) + rounding;
    double sumError = h + TRANSCENDENTAL + Rounding.laneSum(n) * U;
    double relative = x[target] - max;
    double exact = StrictMath.log(sum) - relative;
    double bound =
        sumError
            + TRANSCENDENTAL * StrictMath.log(sum)
            + U * Math.abs(relative)
            + rounding
            + U * Math.abs(exact);
    Rounding.assertWithin("loss", loss[0], exact, bound);
    for (int j = 0; j < n; j++) {
      double p = StrictMath.exp(x[j] - max) / sum;
      double step = (double) inverse * scale;
      double part = step * p * SoftmaxAccuracyTest.relativeBound(n, h);
      double g = step * (j == target ? p - 1 : p);
      Rounding.assertWithin(
          "gradient(%d)".formatted(j), gradient[j], g, part + 2 * U * Math.abs(g));
    }
  }

  @Test
  void whatDoesNotCountHasNeitherLossNorGradient() {
    int[] targets = {CrossEntropy.UNCOUNTED, 1};
    float[] logits = {3f, Float.NaN, 0f, 1f, 2f, 3f};
    float[] losses = {7f, 7f};
    crossEntropy.loss(0, 1, Matrix.of(logits, 0, 3), targets, losses, 0);
    assertThat(losses).containsExactly(0f, 7f);
    assertThat(logits).containsExactly(3f, Float.NaN, 0f, 1f, 2f, 3f);

    crossEntropy.lossAndGradient(0, 2, 1f, 1f, Matrix.of(logits, 0, 3), targets, losses, 0);
    assertThat(losses[0]).isZero();
    assertThat(losses[1]).isGreaterThan(1f);
    assertThat(logits).startsWith(0f, 0f, 0f);
    assertThat(logits[4]).isNegative();
  }

  @Test
  void aCertainWrongAnswerCostsItsMargin() {
    float[] logits = {200f, 0f, -300f};
    float[] loss = new float[1];
    crossEntropy.loss(0, 1, Matrix.of(logits, 0, 3), new int[] {2}, loss, 0);
    assertThat(loss[0]).isEqualTo(500f);
  }
}
