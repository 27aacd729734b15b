package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.MuonUpdate;
import org.junit.jupiter.api.Test;

/** Muon's elementwise parts against the formulas in double; scalars, already floats, are inputs. */
class MuonAccuracyTest {

  private static final int ROWS = 7;
  private static final int COLUMNS = 11;
  private static final int N = ROWS * COLUMNS;

  private final MuonUpdate muon = ScalarKernels.create().muon();

  private static Matrix matrix(float[] data) {
    return Matrix.of(data, 0, COLUMNS);
  }

  @Test
  void momentum() {
    float beta = 0.95f;
    float scale = 0.7f;
    float[] g = Rounding.normal(1, N, 1e-2f);
    float[] m = Rounding.normal(2, N, 1e-2f);
    float[] before = m.clone();
    float[] u = new float[N];
    muon.momentum(ROWS, beta, scale, matrix(g), matrix(m), 0, matrix(u));
    for (int i = 0; i < N; i++) {
      double first = (1.0 - beta) * g[i] * scale;
      double mean = (double) beta * before[i] + first;
      // The difference of two floats so near to each other is exact.
      double meanError = 2 * U * Math.abs(first) + U * Math.abs(mean);
      Rounding.assertWithin("m", m[i], mean, meanError);
      double ahead = beta * mean + first;
      double bound = beta * meanError + 2 * U * Math.abs(first) + U * Math.abs(ahead);
      Rounding.assertWithin("u", u[i], ahead, bound);
    }
  }

  @Test
  void polynomial() {
    float a = 3.4445f;
    float b = -4.775f;
    float c = 2.0315f;
    float[] g = Rounding.normal(1, N, 0.3f);
    float[] s = Rounding.normal(2, N, 0.3f);
    float[] before = s.clone();
    muon.polynomial(ROWS, a, b, c, matrix(g), matrix(s));
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < ROWS; j++) {
        int at = i * COLUMNS + j;
        double linear = (double) b * g[at];
        double sum = linear + (double) c * before[at];
        double exact = i == j ? sum + a : sum;
        double bound = U * (Math.abs(linear) + Math.abs(sum) + Math.abs(exact));
        Rounding.assertWithin("s", s[at], exact, bound);
      }
    }
  }

  @Test
  void apply() {
    float rate = 0.02f;
    float decay = 0.1f;
    float scale = (float) Math.sqrt(3);
    float[] x = Rounding.normal(1, N, 0.3f);
    float[] theta = Rounding.normal(2, N, 0.5f);
    float[] before = theta.clone();
    muon.apply(ROWS, rate, decay, scale, matrix(x), matrix(theta), 0);
    for (int i = 0; i < N; i++) {
      double direction = (double) scale * x[i] + (double) decay * before[i];
      double exact = before[i] - rate * direction;
      double bound =
          rate * U * (Math.abs((double) scale * x[i]) + Math.abs(direction)) + U * Math.abs(exact);
      Rounding.assertWithin("theta", theta[i], exact, bound);
    }
  }
}
