package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.LayerNorm;
import dev.lanewise.kernels.Matrix;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layer normalisation against double. */
class LayerNormAccuracyTest {

  private static final float EPSILON = 1e-5f;

  private final LayerNorm layerNorm = ScalarKernels.create().layerNorm();

  /** A mean far from zero is where E[x²] - mean² would fail. */
  @ParameterizedTest
  @CsvSource({"1, 0", "7, 0", "128, 0", "768, 3", "768, 1000", "1001, -50"})
  void forward(int n, float shift) {
    float[] x = Rounding.normal(n, n, 1f);
    for (int j = 0; j < n; j++) {
      x[j] += shift;
    }
    float[] gain = Rounding.normal(n + 1L, n, 1f);
    float[] bias = Rounding.normal(n + 2L, n, 1f);
    float[] y = new float[n];
    float[] mean = new float[1];
    float[] rstd = new float[1];
    layerNorm.forward(
        0,
        1,
        EPSILON,
        Matrix.of(x, 0, n),
        Matrix.row(gain, 0, n),
        Matrix.row(bias, 0, n),
        Matrix.of(y, 0, n),
        Matrix.of(mean, 0, 1),
        Matrix.of(rstd, 0, 1));

    double mu = 0;
    double magnitude = 0;
    for (float v : x) {
      mu += v / (double) n;
      magnitude += Math.abs(v) / (double) n;
    }
    double variance = 0;
    for (float v : x) {
      variance += (v - mu) * (v - mu) / n;
    }
    double exactRstd = 1 / Math.sqrt(variance + EPSILON);
    // 1/n and the product with it are two roundings more than the sum has.
    double meanError = (Rounding.laneSum(n) + 2) * U * magnitude;
    Rounding.assertWithin("mean", mean[0], mu, meanError);
    // A wrong mean adds its square to the variance; a difference, its square and the sum round.
    double varianceError =
        meanError * meanError
            + 2 * U * meanError * Math.sqrt(variance)
            + (Rounding.laneSum(n) + 4) * U * variance;
    double rstdError = 0.5 * varianceError * exactRstd * exactRstd + 2.5 * U;
    Rounding.assertWithin("rstd", rstd[0], exactRstd, rstdError * exactRstd);
    for (int j = 0; j < n; j++) {
      double d = x[j] - mu;
      double h = d * exactRstd;
      double hError = exactRstd * (meanError + U * Math.abs(d)) + Math.abs(h) * (rstdError + U);
      double exact = h * gain[j] + bias[j];
      double bound = Math.abs(gain[j]) * hError + U * Math.abs(exact);
      Rounding.assertWithin("y(%d)".formatted(j), y[j], exact, bound);
    }
  }

  /** The mean and the deviation are inputs here, so that their errors are none of backward's. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 9", "4, 64", "16, 768"})
  void backward(int rows, int n) {
    float[] x = Rounding.normal(1, rows * n, 2f);
    float[] gain = Rounding.normal(2, n, 1f);
    float[] mean = Rounding.normal(3, rows, 0.1f);
    float[] rstd = new float[rows];
    Arrays.fill(rstd, 0.51f);
    float[] dy = Rounding.normal(4, rows * n, 1f);
    float[] before = Rounding.normal(5, rows * n, 1f);
    float[] dx = before.clone();
    float[] dGain = new float[n];
    Matrix xRows = Matrix.of(x, 0, n);
    Matrix means = Matrix.of(mean, 0, 1);
    Matrix deviations = Matrix.of(rstd, 0, 1);
    Matrix dyRows = Matrix.of(dy, 0, n);
    layerNorm.backward(
        0, rows, xRows, Matrix.row(gain, 0, n), means, deviations, dyRows, Matrix.of(dx, 0, n));
    layerNorm.gainGradient(rows, 0, n, xRows, means, deviations, dyRows, Matrix.row(dGain, 0, n));

    double[] exactGain = new double[n];
    double[] gainMagnitude = new double[n];
    for (int r = 0; r < rows; r++) {
      double a = 0;
      double aMagnitude = 0;
      double b = 0;
      double bMagnitude = 0;
      for (int j = 0; j < n; j++) {
        double h = ((double) x[r * n + j] - mean[r]) * rstd[r];
        double d = dy[r * n + j];
        a += d * gain[j] / n;
        aMagnitude += Math.abs(d * gain[j]) / n;
        b += d * gain[j] * h / n;
        bMagnitude += Math.abs(d * gain[j] * h) / n;
        exactGain[j] += d * h;
        gainMagnitude[j] += Math.abs(d * h);
      }
      double aError = (Rounding.laneSum(n) + 2) * U * aMagnitude;
      // One rounding in g, two in h.
      double bError = (Rounding.laneSum(n) + 5) * U * bMagnitude;
      for (int j = 0; j < n; j++) {
        double h = ((double) x[r * n + j] - mean[r]) * rstd[r];
        double g = (double) dy[r * n + j] * gain[j];
        double t = g - a - h * b;
        double tError =
            Math.abs(h) * bError
                + 2 * U * Math.abs(h * b)
                + aError
                + U * (Math.abs(g) + Math.abs(g - a) + Math.abs(t));
        double exact = t * rstd[r] + before[r * n + j];
        double bound = rstd[r] * tError + U * Math.abs(exact);
        Rounding.assertWithin("dx(%d,%d)".formatted(r, j), dx[r * n + j], exact, bound);
      }
    }
    for (int j = 0; j < n; j++) {
      Rounding.assertWithin("dGain", dGain[j], exactGain[j], (rows + 2) * U * gainMagnitude[j]);
    }
  }
}
