package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.KernelSet;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Elementwise operations, embeddings and reductions against exact sums. */
class SumsAccuracyTest {

  private final KernelSet kernels = ScalarKernels.create();

  /** A float sum or product is the double one, rounded: 53 bits are enough for that. */
  @Test
  void sumsAndProductsAreCorrectlyRounded() {
    int n = 1000;
    float[] a = Rounding.normal(1, n, 1f);
    float[] b = Rounding.normal(2, n, 1e3f);
    float[] y = new float[n];
    kernels.elementwise().add(n, a, 0, b, 0, y, 0);
    for (int i = 0; i < n; i++) {
      assertThat(y[i]).isEqualTo((float) ((double) a[i] + b[i]));
    }
    kernels.elementwise().scale(n, 0.3f, a, 0, y, 0);
    for (int i = 0; i < n; i++) {
      assertThat(y[i]).isEqualTo((float) ((double) a[i] * 0.3f));
    }
    kernels.elementwise().addBias(2, n / 2, a, 0, b, 5, y, 0);
    for (int i = 0; i < n; i++) {
      assertThat(y[i]).isEqualTo((float) ((double) a[i] + b[5 + i % (n / 2)]));
    }
  }

  @Test
  void biasGradient() {
    int rows = 500;
    int n = 3;
    float[] dy = Rounding.normal(1, rows * n, 1f);
    float[] dBias = {1f, -2f, 3f};
    float[] before = dBias.clone();
    kernels.elementwise().biasGradient(rows, n, dy, 0, n, dBias, 0);
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
    float[] tokens = Rounding.normal(1, 4 * width, 1f);
    float[] positions = Rounding.normal(2, 4 * width, 1f);
    int[] ids = {2, 0, 2};
    float[] y = new float[3 * width];
    kernels.embedding().gather(3, width, ids, 0, 1, tokens, 0, positions, 0, y, 0);
    float[] dTokens = new float[4 * width];
    float[] dPositions = new float[3 * width];
    kernels.embedding().scatterAdd(3, width, ids, 0, y, 0, dTokens, 0, dPositions, 0);
    for (int j = 0; j < width; j++) {
      for (int t = 0; t < 3; t++) {
        float sum = tokens[ids[t] * width + j] + positions[(t + 1) * width + j];
        assertThat(y[t * width + j]).isEqualTo(sum);
        assertThat(dPositions[t * width + j]).isEqualTo(sum);
      }
      assertThat(dTokens[2 * width + j]).isEqualTo(y[j] + y[2 * width + j]);
      assertThat(dTokens[j]).isEqualTo(y[width + j]);
      assertThat(dTokens[width + j]).isZero();
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
