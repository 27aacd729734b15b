package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.RmsNorm;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Root mean square normalisation against double. */
class RmsNormAccuracyTest {

  private static final float EPSILON = 1e-5f;

  private final RmsNorm rmsNorm = ScalarKernels.create().rmsNorm();

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 64, 128, 768, 1001})
  void forward(int n) {
    float[] x = Rounding.normal(n, n, 1f);
    float[] gain = Rounding.normal(n + 1L, n, 1f);
    float[] y = new float[n];
    float[] rms = new float[1];
    rmsNorm.forward(
        0,
        1,
        EPSILON,
        Matrix.of(x, 0, n),
        Matrix.row(gain, 0, n),
        Matrix.of(y, 0, n),
        Matrix.of(rms, 0, 1));

    double meanSquare = 0;
    for (float v : x) {
      meanSquare += (double) v * v / n;
    }
    double exactRms = 1 / Math.sqrt(meanSquare + EPSILON);
    // The sum, 1/n and the product with it, the sum with epsilon; then the root and the quotient.
    double squareError = (Rounding.laneSum(n) + 3) * U * (meanSquare + EPSILON);
    double rmsError = 0.5 * squareError * exactRms * exactRms + 2.5 * U;
    Rounding.assertWithin("rms", rms[0], exactRms, rmsError * exactRms);
    for (int j = 0; j < n; j++) {
      double exact = x[j] * exactRms * gain[j];
      Rounding.assertWithin(
          "y(%d)".formatted(j), y[j], exact, Math.abs(exact) * (rmsError + 2 * U));
    }
  }

  /** The reciprocal is an input here, so that its error is none of backward's. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 9", "4, 64", "16, 768"})
  void backward(int rows, int n) {
    float[] x = Rounding.normal(1, rows * n, 2f);
    float[] gain = Rounding.normal(2, n, 1f);
    float[] rms = new float[rows];
    Arrays.fill(rms, 0.51f);
    float[] dy = Rounding.normal(4, rows * n, 1f);
    float[] before = Rounding.normal(5, rows * n, 1f);
    float[] dx = before.clone();
    float[] dGain = new float[n];
    Matrix xRows = Matrix.of(x, 0, n);
    Matrix reciprocals = Matrix.of(rms, 0, 1);
    Matrix dyRows = Matrix.of(dy, 0, n);
    rmsNorm.backward(
        0, rows, xRows, Matrix.row(gain, 0, n), reciprocals, dyRows, Matrix.of(dx, 0, n));
    rmsNorm.gainGradient(rows, 0, n, xRows, reciprocals, dyRows, Matrix.row(dGain, 0, n));

    double[] exactGain = new double[n];
    double[] gainMagnitude = new double[n];
    for (int r = 0; r < rows; r++) {
      double b = 0;
      double bMagnitude = 0;
      for (int j = 0; j < n; j++) {
        double h = (double) x[r * n + j] * rms[r];
        double d = dy[r * n + j];
        b += d * gain[j] * h / n;
        bMagnitude += Math.abs(d * gain[j] * h) / n;
        exactGain[j] += d * h;
        gainMagnitude[j] += Math.abs(d * h);
      }
      // One rounding each in g and h.
      double bError = (Rounding.laneSum(n) + 4) * U * bMagnitude;
      for (int j = 0; j < n; j++) {
        double h = (double) x[r * n + j] * rms[r];
        double g = (double) dy[r * n + j] * gain[j];
        double t = g - h * b;
        double tError =
            Math.abs(h) * bError + U * (Math.abs(h * b) + Math.abs(g) + Math.abs(t));
        double exact = t * rms[r] + before[r * n + j];
        double bound = rms[r] * tError + U * Math.abs(exact);
        Rounding.assertWithin("dx(%d,%d)".formatted(r, j), dx[r * n + j], exact, bound);
      }
    }
    for (int j = 0; j < n; j++) {
      Rounding.assertWithin("dGain", dGain[j], exactGain[j], (rows + 1) * U * gainMagnitude[j]);
    }
  }
}
