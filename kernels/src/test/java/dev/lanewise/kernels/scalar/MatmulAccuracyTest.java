package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.Matmul;
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
    float[] packed = new float[matmul.packedSize(k, n)];
    float[] c = new float[m * n];
    matmul.pack(k, n, b, 0, n, packed, 0);
    matmul.multiply(m, n, k, a, 0, k, packed, 0, start, 0, n, c, 0, n);
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
    float[] packed = new float[matmul.packedSize(k, n)];
    float[] c = new float[m * n];
    matmul.packTransposed(k, n, bT, 0, k, packed, 0);
    matmul.multiplyTransposed(m, n, k, a, 0, m, packed, 0, null, 0, 0, c, 0, n);
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
