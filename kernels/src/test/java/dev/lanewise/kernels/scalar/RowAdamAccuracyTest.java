package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adam on rows: a glide against double, and an update against AdamW's. */
class RowAdamAccuracyTest {

  private static final int N = 1000;
  private static final int ROW = 1;
  private static final float EPSILON = 1e-8f;

  private final KernelSet kernels = ScalarKernels.create();
  private final float[] w = Rounding.normal(1, 3 * N, 0.5f);
  private final float[] m = Rounding.normal(2, 3 * N, 1e-2f);
  private final float[] v = Rounding.normal(3, 3 * N, 1e-4f);

  RowAdamAccuracyTest() {
    for (int i = 0; i < v.length; i++) {
      v[i] = Math.abs(v[i]);
    }
  }

  @ParameterizedTest
  @CsvSource({"3e-3, 0.9, 0.99", "2e-2, 0.1, 0.7", "5e-2, 0, 0.01", "1e-3, 1, 1"})
  void glide(float distance, float keepM, float keepV) {
    float[] wBefore = w.clone();
    float[] mBefore = m.clone();
    float[] vBefore = v.clone();
    kernels.rowAdam().glide(distance, keepM, keepV, EPSILON, ROW, rows(w), rows(m), rows(v));
    for (int i = 0; i < w.length; i++) {
      if (i / N != ROW) {
        assertThat(new float[] {w[i], m[i], v[i]})
            .as("another row")
            .containsExactly(wBefore[i], mBefore[i], vBefore[i]);
        continue;
      }
      double u = mBefore[i] / (Math.sqrt(vBefore[i]) + EPSILON);
      double exact = wBefore[i] - distance * u;
      // The root, the sum and the quotient; then the fma.
      double bound = 3 * U * distance * Math.abs(u) + U * Math.abs(exact);
      Rounding.assertWithin("w", w[i], exact, bound);
      double mean = (double) keepM * mBefore[i];
      Rounding.assertWithin("m", m[i], mean, U * Math.abs(mean));
      double square = (double) keepV * vBefore[i];
      Rounding.assertWithin("v", v[i], square, U * square);
    }
  }

  /** The bits of AdamW without decay. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1000, 0.3"})
  void updateIsAdamW(long t, double scale) {
    AdamWUpdate.Step step = AdamWUpdate.Step.of(3e-3, 0.9, 0.99, EPSILON, scale, t);
    float[] g = Rounding.normal(4, 2 * N, 1e-2f);
    float[] wExpected = w.clone();
    float[] mExpected = m.clone();
    float[] vExpected = v.clone();
    float[] gExpected = new float[3 * N];
    System.arraycopy(g, 0, gExpected, ROW * N, N);
    kernels
        .adamW()
        .update(step, 0f, N, ROW * N, wExpected, gExpected, ROW * N, mExpected, vExpected);
    kernels.rowAdam().update(step, ROW, rows(w), rows(m), rows(v), 0, rows(g));
    assertThat(w).isEqualTo(wExpected);
    assertThat(m).isEqualTo(mExpected);
    assertThat(v).isEqualTo(vExpected);
  }

  private static Matrix rows(float[] data) {
    return Matrix.of(data, 0, N);
  }
}
