package dev.lanewise.kernels.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StripPackingTest {

  /** The transpose ends with its array, and nothing but the rows that there are is written. */
  @ParameterizedTest
  @CsvSource({"0, 3", "5, 0", "1, 1", "11, 9", "12, 1", "12, 8", "13, 17", "24, 5", "35, 30"})
  void rowsOfAStripAreNeighbours(int m, int k) {
    int offset = 3;
    int stride = m + 1;
    float[] transpose = new float[k == 0 ? offset : offset + (k - 1) * stride + m];
    for (int i = 0; i < transpose.length; i++) {
      transpose[i] = i + 1;
    }
    float[] packed = new float[2 + StripPacking.floats(m, k) + 1];
    float[] expected = packed.clone();
    for (int i = 0; i < m; i++) {
      for (int p = 0; p < k; p++) {
        int strip = i / StripPacking.ROWS * StripPacking.ROWS * k;
        expected[2 + strip + p * StripPacking.ROWS + i % StripPacking.ROWS] =
            transpose[offset + p * stride + i];
      }
    }

    StripPacking.pack(m, k, transpose, offset, stride, packed, 2);

    assertThat(packed).isEqualTo(expected);
    for (int i = 0; i < m && k > 0; i++) {
      int at = 2 + StripPacking.row(i, StripPacking.ROWS * k);
      assertThat(packed[at]).isEqualTo(transpose[offset + i]);
    }
  }
}
