package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrix products against double: k roundings, so k U (|start| + Σ |a| |b|) per element. */
class MatmulAccuracyTest {

  private final Matmul matmul = ScalarKernels.create().matmul();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 17, 256, 3072})
  void multiply(int k) {
    int m = 5;
    int n = 7;
    float[] a = Rounding.normal(1, m * k, 1f);
    float[] b = Rounding.normal(2, k * n, 1f);
    float[] start = Rounding.normal(3, m * n, 10f);
    float[] c = new float[m * n];
    PackedMatrix packed = matmul.allocate(List.of(new PackedMatrix.Size(k, n))).get(0);
    matmul.pack(k, Matrix.of(b, 0, n), 0, packed, 0, 0, n);
    Matrix from = Matrix.of(start, 0, n);
    matmul.multiply(m, k, Matrix.of(a, 0, k), 0, packed, 0, n, from, Matrix.of(c, 0, n), 0);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = start[i * n + j];
        double magnitude = Math.abs(sum);
        for (int p = 0; p < k; p++) {
          double product = (double) a[i * k + p] * b[p * n + j];
          sum += product;
          magnitude += Math.abs(product);
        }
        Rounding.assertWithin("c(%d,%d)".formatted(i, j), c[i * n + j], sum, k * U * magnitude);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 65, 1024})
  void multiplyTransposed(int k) {
    int m = 3;
    int n = 4;
    float[] a = Rounding.normal(4, k * m, 1f);
    float[] bT = Rounding.normal(5, n * k, 1f);
    float[] c = new float[m * n];
    PackedMatrix packed = matmul.allocate(List.of(new PackedMatrix.Size(k, n))).get(0);
    matmul.pack(k, Matrix.of(bT, 0, k).transposed(n), 0, packed, 0, 0, n);
    Matrix transposed = Matrix.of(a, 0, m).transposed(k);
    matmul.multiply(m, k, transposed, 0, packed, 0, n, null, Matrix.of(c, 0, n), 0);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        double magnitude = 0;
        for (int p = 0; p < k; p++) {
          double product = (double) a[p * m + i] * bT[j * k + p];
          sum += product;
          magnitude += Math.abs(product);
        }
        Rounding.assertWithin("c(%d,%d)".formatted(i, j), c[i * n + j], sum, k * U * magnitude);
      }
    }
  }
}
