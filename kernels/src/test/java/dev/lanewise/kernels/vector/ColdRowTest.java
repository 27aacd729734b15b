package dev.lanewise.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedInts;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.scalar.ScalarKernels;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Plain loops over packed panels, and when the vector kernel takes their place. */
class ColdRowTest {

  private static final int COLUMNS = MatmulTile.COLUMNS;
  private static final int K = 2 * ColdRow.WARMING_ROWS + 5;
  private static final int N = 3 * COLUMNS + COLUMNS / 2 + 1;

  private static float[] random(long seed, int n) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource
  void plainLoopsComputeTheDefinition(Precision precision) {
    Matrix b = Matrix.of(random(1, K * N), 0, N);
    float[] x = random(2, 2 * K);
    float[] start = random(3, N);
    Matrix transposedX = Matrix.of(x, 0, 2).transposed(K);
    PackedMatrix.Size size = new PackedMatrix.Size(K, N, precision);
    Matmul definition = ScalarKernels.create().matmul();
    PackedMatrix packed = definition.allocate(List.of(size)).getFirst();
    definition.pack(K, b, 0, packed, 0, 0, N);
    float[] expected = new float[N];
    definition.multiply(
        1,
        K,
        transposedX,
        0,
        packed,
        0,
        N,
        Matrix.row(start, 0, N),
        Matrix.of(expected, 0, N),
        0,
        null);

    Matmul vector = new VectorMatmul();
    PackedMatrix panels = vector.allocate(List.of(size)).getFirst();
    vector.pack(K, b, 0, panels, 0, 0, N);
    float[] found = new float[N];
    for (int j = 0; j < N; j += COLUMNS) {
      int columns = Math.min(COLUMNS, N - j);
      ColdRow.begin(columns, start, j, found, j);
      for (int[] rows : new int[][] {{0, ColdRow.WARMING_ROWS}, {ColdRow.WARMING_ROWS, K}}) {
        if (panels instanceof PackedInts ints) {
          int at = ints.offset() + j / COLUMNS * ints.panelInts();
          ColdRow.ints(precision, columns, rows[0], rows[1], x, 0, 2, ints.data(), at, found, j);
        } else if (panels instanceof PackedFloats floats) {
          int at = floats.offset() + j * K;
          ColdRow.floats(columns, rows[0], rows[1], x, 0, 2, floats.data(), at, found, j);
        }
      }
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void theFasterOneWins() {
    Cold cold = new Cold();
    cold.compare(101, 7, 1000, 70);
    assertThat(cold.isCold()).isTrue();
    cold.compare(99, 7, 1000, 70);
    assertThat(cold.isCold()).isFalse();
  }

  @Test
  void smallProductsAreNotWorthIt() {
    assertThat(ColdRow.isWorthIt(ColdRow.WARMING_ROWS, 2 * COLUMNS)).isFalse();
    assertThat(ColdRow.isWorthIt(K, 2 * COLUMNS - 1)).isFalse();
    assertThat(ColdRow.isWorthIt(K, 2 * COLUMNS)).isTrue();
  }
}
