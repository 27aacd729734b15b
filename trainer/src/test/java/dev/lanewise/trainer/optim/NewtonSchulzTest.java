package dev.lanewise.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NewtonSchulzTest {

  private static final List<KernelSet> KERNELS =
      List.of(ScalarKernels.create(), VectorKernels.create());

  private static double[][] random(int rows, int columns) {
    RandomStream random = new RandomStream(rows, RandomStream.DIAGNOSTICS, columns);
    double[][] x = new double[rows][columns];
    for (double[] row : x) {
      for (int j = 0; j < columns; j++) {
        row[j] = (float) random.nextGaussian();
      }
    }
    return x;
  }

  /** The memory holds NaN beforehand: what is read has been written. */
  private static double[][] orthogonal(KernelSet kernels, double[][] x) {
    int columns = x[0].length;
    float[] memory = new float[(int) NewtonSchulz.floats(x.length, columns)];
    Arrays.fill(memory, Float.NaN);
    NewtonSchulz subject = new NewtonSchulz(kernels, x.length, columns, memory);
    Matrix input = subject.input();
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < columns; j++) {
        input.data()[input.offset(i) + j] = (float) x[i][j];
      }
    }
    Matrix result = subject.orthogonalize();
    double[][] y = new double[x.length][columns];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < columns; j++) {
        y[i][j] = result.data()[result.offset(i) + j];
      }
    }
    return y;
  }

  private static double[][] transposed(double[][] x) {
    double[][] y = new double[x[0].length][x.length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < y.length; j++) {
        y[j][i] = x[i][j];
      }
    }
    return y;
  }

  private static double[][] product(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int p = 0; p < b.length; p++) {
        for (int j = 0; j < c[i].length; j++) {
          c[i][j] += a[i][p] * b[p][j];
        }
      }
    }
    return c;
  }

  private static double norm(double[][] x) {
    double sum = 0;
    for (double[] row : x) {
      for (double value : row) {
        sum += value * value;
      }
    }
    return Math.sqrt(sum);
  }

  /** In float64, as Jordan writes it: X = a X + (b A + c A A) X with A = X X'. */
  static double[][] reference(double[][] x) {
    double[][] y = x.length > x[0].length ? transposed(x) : x;
    double norm = norm(y) + 1e-7;
    y = Arrays.stream(y).map(double[]::clone).toArray(double[][]::new);
    for (double[] row : y) {
      for (int j = 0; j < row.length; j++) {
        row[j] /= norm;
      }
    }
    for (int step = 0; step < 5; step++) {
      double[][] a = product(y, transposed(y));
      double[][] square = product(a, a);
      double[][] next = new double[y.length][];
      for (int i = 0; i < y.length; i++) {
        for (int j = 0; j < y.length; j++) {
          a[i][j] = -4.7750 * a[i][j] + 2.0315 * square[i][j];
        }
        next[i] = new double[y[0].length];
      }
      double[][] curved = product(a, y);
      for (int i = 0; i < y.length; i++) {
        for (int j = 0; j < next[i].length; j++) {
          next[i][j] = 3.4445 * y[i][j] + curved[i][j];
        }
      }
      y = next;
    }
    return x.length > x[0].length ? transposed(y) : y;
  }

  /** One block, several, and a rest; tall, wide and square. */
  @ParameterizedTest
  @CsvSource({"1, 1", "1, 9", "5, 3", "3, 5", "20, 20", "64, 64", "65, 130", "130, 65", "144, 129"})
  void isTheIterationInFloat64(int rows, int columns) {
    double[][] x = random(rows, columns);
    double[][] expected = reference(x);
    for (KernelSet kernels : KERNELS) {
      double[][] actual = orthogonal(kernels, x);
      for (int i = 0; i < rows; i++) {
        assertThat(actual[i]).as("row %d", i).containsExactly(expected[i], within(2e-5));
      }
    }
  }

  /** Also where half of a symmetric product is mirrored, which no other test of bits sees. */
  @ParameterizedTest
  @CsvSource({"5, 3", "3, 5", "70, 70", "65, 130", "130, 65"})
  void isItsDefinitionToTheBit(int rows, int columns) {
    double[][] x = random(rows, columns);
    double[][] expected = defined(x);
    for (KernelSet kernels : KERNELS) {
      assertThat(orthogonal(kernels, x)).isDeepEqualTo(expected);
    }
  }

  private static double[][] defined(double[][] x) {
    boolean tall = x.length >= x[0].length;
    double[] flat = Arrays.stream(x).flatMapToDouble(Arrays::stream).toArray();
    float[] u = new float[flat.length];
    for (int i = 0; i < u.length; i++) {
      u[i] = (float) flat[i];
    }
    double sum = ScalarKernels.create().reduction().sumOfSquares(u.length, u, 0);
    float factor = (float) (1 / (Math.sqrt(sum) + 1e-7));
    double[][] y = tall ? x : transposed(x);
    y = Arrays.stream(y).map(double[]::clone).toArray(double[][]::new);
    for (double[] row : y) {
      for (int j = 0; j < row.length; j++) {
        row[j] = (float) row[j] * factor;
      }
    }
    for (int step = 0; step < 5; step++) {
      double[][] gram = chains(transposed(y), y);
      double[][] s = chains(gram, gram);
      for (int i = 0; i < s.length; i++) {
        for (int j = 0; j < s.length; j++) {
          float linear = -4.7750f * (float) gram[i][j];
          float curved = Math.fma(2.0315f, (float) s[i][j], linear);
          s[i][j] = i == j ? curved + 3.4445f : curved;
        }
      }
      y = chains(y, s);
    }
    return tall ? y : transposed(y);
  }

  private static double[][] chains(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < c[i].length; j++) {
        float sum = 0;
        for (int p = 0; p < b.length; p++) {
          sum = Math.fma((float) a[i][p], (float) b[p][j], sum);
        }
        c[i][j] = sum;
      }
    }
    return c;
  }

  @ParameterizedTest
  @CsvSource({"24, 40", "40, 24", "64, 192"})
  void singularValuesComeNearOne(int rows, int columns) {
    double[][] y = orthogonal(VectorKernels.create(), random(rows, columns));
    double[][] gram = rows > columns ? product(transposed(y), y) : product(y, transposed(y));
    assertThat(eigenvalues(gram))
        .allSatisfy(v -> assertThat(v).isBetween(0.68 * 0.68, 1.21 * 1.21));
  }

  /** Of a symmetric matrix, by Jacobi's rotations. */
  private static List<Double> eigenvalues(double[][] a) {
    int n = a.length;
    for (int sweep = 0; sweep < 30; sweep++) {
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          double angle = 0.5 * Math.atan2(2 * a[p][q], a[q][q] - a[p][p]);
          double c = Math.cos(angle);
          double s = Math.sin(angle);
          for (int i = 0; i < n; i++) {
            double x = a[i][p];
            double y = a[i][q];
            a[i][p] = c * x - s * y;
            a[i][q] = s * x + c * y;
          }
          for (int i = 0; i < n; i++) {
            double x = a[p][i];
            double y = a[q][i];
            a[p][i] = c * x - s * y;
            a[q][i] = s * x + c * y;
          }
        }
      }
    }
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      values.add(a[i][i]);
      for (int j = 0; j < n; j++) {
        assertThat(i == j ? 0 : a[i][j]).isCloseTo(0, within(1e-9));
      }
    }
    return values;
  }

  @Test
  void zeroStaysZero() {
    assertThat(orthogonal(VectorKernels.create(), new double[4][6]))
        .isDeepEqualTo(new double[4][6]);
  }
}
