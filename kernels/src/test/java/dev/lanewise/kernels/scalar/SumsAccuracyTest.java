package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Elementwise operations, embeddings and reductions against exact sums. */
class SumsAccuracyTest {

  private final KernelSet kernels = ScalarKernels.create();

  /** A float sum is the double one, rounded: 53 bits are enough for that. */
  @Test
  void sumsAreCorrectlyRounded() {
    int n = 1000;
    float[] a = Rounding.normal(1, n, 1f);
    float[] b = Rounding.normal(2, n, 1e3f);
    float[] y = new float[n];
    kernels
        .elementwise()
        .add(0, 10, Matrix.of(a, 0, 100), Matrix.of(b, 0, 100), Matrix.of(y, 0, 100));
    float[] onto = a.clone();
    kernels.elementwise().accumulate(10, Matrix.of(b, 0, 100), 0, Matrix.of(onto, 0, 100), 0);
    float[] flat = a.clone();
    kernels.reduction().add(n, b, 0, flat, 0);
    for (int i = 0; i < n; i++) {
      float sum = (float) ((double) a[i] + b[i]);
      assertThat(y[i]).isEqualTo(sum);
      assertThat(onto[i]).isEqualTo(sum);
      assertThat(flat[i]).isEqualTo(sum);
    }
  }

  @Test
  void biasGradient() {
    int rows = 500;
    int n = 3;
    float[] dy = Rounding.normal(1, rows * n, 1f);
    float[] dBias = {1f, -2f, 3f};
    float[] before = dBias.clone();
    kernels.elementwise().biasGradient(rows, 0, n, Matrix.of(dy, 0, n), Matrix.row(dBias, 0, n));
    for (int j = 0; j < n; j++) {
      double exact = before[j];
      double magnitude = Math.abs(exact);
      for (int r = 0; r < rows; r++) {
        exact += dy[r * n + j];
        magnitude += Math.abs(dy[r * n + j]);
      }
      Rounding.assertWithin("dBias", dBias[j], exact, rows * U * magnitude);
    }
  }

  @Test
  void embedding() {
    int width = 3;
    float[] table = Rounding.normal(1, 4 * width, 1f);
    int[] ids = {2, 0, 2};
    float[] y = new float[3 * width];
    kernels.embedding().gather(0, 3, ids, Matrix.of(table, 0, width), Matrix.of(y, 0, width));
    float[] dy = Rounding.normal(2, 3 * width, 1f);
    float[] dTable = new float[4 * width];
    kernels.embedding().scatterAdd(0, 3, ids, Matrix.of(dy, 0, width), Matrix.of(dTable, 0, width));
    for (int j = 0; j < width; j++) {
      for (int t = 0; t < 3; t++) {
        assertThat(y[t * width + j]).isEqualTo(table[ids[t] * width + j]);
      }
      assertThat(dTable[2 * width + j]).isEqualTo(dy[j] + dy[2 * width + j]);
      assertThat(dTable[j]).isEqualTo(dy[width + j]);
      assertThat(dTable[width + j]).isZero();
    }
  }

  /** n / 8 fma per lane and three folds, in double. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 1000, 100_003})
  void sumOfSquares(int n) {
    float[] x = Rounding.normal(n, n, 1f);
    BigDecimal exact = BigDecimal.ZERO;
    for (float v : x) {
      BigDecimal decimal = new BigDecimal(v);
      exact = exact.add(decimal.multiply(decimal));
    }
    double bound = (Math.ceilDiv(n, 8) + 3) * 0x1p-53 * exact.doubleValue();
    assertThat(kernels.reduction().sumOfSquares(n, x, 0))
        .isCloseTo(exact.doubleValue(), within(bound));
  }
}
