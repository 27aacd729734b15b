package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Matrix products in all forms: scalar and vector. */
class MatmulTwinTest extends TwinTest {

  /** Where the chains begin. */
  private enum Start {
    ZERO,
    BIAS,
    RESULT,
    OTHER
  }

  /** m, n, k: around the register tiles and panels of every width. */
  private static final int[][] SMALL = {
    {0, 5, 5},
    {5, 0, 5},
    {5, 7, 0},
    {1, 1, 1},
    {1, 65, 3},
    {2, 8, 9},
    {3, 7, 5},
    {4, 8, 1},
    {4, 16, 7},
    {4, 32, 8},
    {5, 9, 16},
    {5, 33, 4},
    {6, 31, 2},
    {7, 15, 17},
    {8, 17, 33},
    {8, 64, 15},
    {9, 63, 8},
    {12, 65, 31},
    {13, 32, 32},
    {16, 48, 6},
    {17, 33, 63},
    {31, 40, 9},
    {33, 24, 5}
  };

  /** Across many panels, and the blocks of rows and of k. */
  private static final int[][] LARGE = {
    {4, 257, 12},
    {7, 129, 33},
    {3, 33, 255},
    {5, 17, 256},
    {6, 40, 257},
    {9, 65, 513},
    {255, 9, 3},
    {256, 33, 2},
    {257, 34, 5},
    {261, 35, 260},
    {515, 17, 7}
  };

  @Override
  List<Call> calls() {
    List<Call> calls = warmCalls();
    for (int[] size : LARGE) {
      add(calls, Values.ORDINARY, size);
      add(calls, Values.SPRINKLED, size);
      add(calls, Values.SPECIAL, size);
    }
    return calls;
  }

  @Override
  List<Call> warmCalls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int[] size : SMALL) {
        add(calls, values, size);
      }
    }
    return calls;
  }

  private static void add(List<Call> calls, Values values, int[] size) {
    calls.add(transpose(values, size[0], size[1]));
    for (Start start : Start.values()) {
      calls.add(multiply(values, start, size[0], size[1], size[2]));
      calls.add(multiplyTransposed(values, start, size[0], size[1], size[2]));
    }
  }

  /** A and B as they are; the strides are larger than the rows. */
  private static Call multiply(Values values, Start start, int m, int n, int k) {
    int aStride = k + 3;
    int bStride = n + 2;
    int cStride = n + 5;
    int startStride = start == Start.BIAS ? 0 : start == Start.RESULT ? cStride : n + 1;
    int from = start == Start.RESULT ? 3 : 4;
    return Call.of(
        "multiply %dx%dx%d from %s %s".formatted(m, n, k, start, values),
        (kernels, s) -> {
          Matmul matmul = kernels.matmul();
          matmul.pack(k, n, s[1].array, s[1].offset, bStride, s[2].array, s[2].offset);
          matmul.multiply(
              m,
              n,
              k,
              s[0].array,
              s[0].offset,
              aStride,
              s[2].array,
              s[2].offset,
              start == Start.ZERO ? null : s[from].array,
              s[from].offset,
              startStride,
              s[3].array,
              s[3].offset,
              cStride);
        },
        Slice.inRows(values, m + 1L, m, k, aStride),
        Slice.inRows(values, n + 2L, k, n, bStride),
        packed(k, n),
        Slice.outRows(values, k + 3L, m, n, cStride),
        Slice.inRows(values, n + 4L, start == Start.BIAS ? 1 : m, n, n + 1));
  }

  /** A and B by their transposes. */
  private static Call multiplyTransposed(Values values, Start start, int m, int n, int k) {
    int aStride = m + 3;
    int bStride = k + 2;
    int cStride = n + 5;
    int startStride = start == Start.BIAS ? 0 : start == Start.RESULT ? cStride : n + 1;
    int from = start == Start.RESULT ? 3 : 4;
    return Call.of(
        "multiply transposed %dx%dx%d from %s %s".formatted(m, n, k, start, values),
        (kernels, s) -> {
          Matmul matmul = kernels.matmul();
          matmul.packTransposed(k, n, s[1].array, s[1].offset, bStride, s[2].array, s[2].offset);
          matmul.multiplyTransposed(
              m,
              n,
              k,
              s[0].array,
              s[0].offset,
              aStride,
              s[2].array,
              s[2].offset,
              start == Start.ZERO ? null : s[from].array,
              s[from].offset,
              startStride,
              s[3].array,
              s[3].offset,
              cStride);
        },
        Slice.inRows(values, m + 1L, k, m, aStride),
        Slice.inRows(values, n + 2L, n, k, bStride),
        packed(k, n),
        Slice.outRows(values, k + 3L, m, n, cStride),
        Slice.inRows(values, n + 4L, start == Start.BIAS ? 1 : m, n, n + 1));
  }

  private static Call transpose(Values values, int m, int n) {
    return Call.of(
        "transpose %dx%d %s".formatted(m, n, values),
        (kernels, s) ->
            kernels
                .matmul()
                .transpose(m, n, s[0].array, s[0].offset, n + 2, s[1].array, s[1].offset, m + 3),
        Slice.inRows(values, m + 1L, m, n, n + 2),
        Slice.outRows(values, n + 3L, n, m, m + 3));
  }

  /** Room for either kernel's packed form, which is its own affair. */
  private static Slice packed(int k, int n) {
    return Slice.scratch(
        Math.max(SCALAR.matmul().packedSize(k, n), VECTOR.matmul().packedSize(k, n)));
  }

  @Test
  void packsColumnPanelsPaddedWithZeros() {
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      Matmul matmul = kernels.matmul();
      int width = matmul.panelWidth();
      for (int k : new int[] {0, 1, 3, 16, 17, 40}) {
        for (int n : new int[] {0, 1, width - 1, width, width + 1, 3 * width, 3 * width + 5}) {
          Slice b = Slice.inRows(Values.SPRINKLED, n, k, n, n + 2);
          Slice transpose = Slice.inRows(Values.ORDINARY, n, n, k, k + 1);
          for (int j = 0; j < n; j++) {
            for (int p = 0; p < k; p++) {
              transpose.set(j * (k + 1) + p, b.get(p * (n + 2) + j));
            }
          }
          int size = matmul.packedSize(k, n);
          assertThat(size).isEqualTo(Math.ceilDiv(n, width) * width * k);
          Slice packed = Slice.out(Values.ORDINARY, 1, size);
          Slice fromTranspose = Slice.out(Values.ORDINARY, 2, size);
          matmul.pack(k, n, b.array, b.offset, n + 2, packed.array, packed.offset);
          matmul.packTransposed(
              k,
              n,
              transpose.array,
              transpose.offset,
              k + 1,
              fromTranspose.array,
              fromTranspose.offset);
          String what = "%s, packed %dx%d".formatted(kernels.name(), k, n);
          packed.assertOnlyWritableChanged(what);
          fromTranspose.assertOnlyWritableChanged(what);
          for (int i = 0; i < size; i++) {
            int panel = i / (k * width);
            int p = i % (k * width) / width;
            int j = panel * width + i % width;
            Slice expected = Slice.out(Values.ORDINARY, 0, 1);
            expected.set(0, j < n ? b.get(p * (n + 2) + j) : 0f);
            assertThat(Float.floatToIntBits(packed.get(i)))
                .as(what)
                .isEqualTo(Float.floatToIntBits(expected.get(0)));
            assertThat(Float.floatToIntBits(fromTranspose.get(i)))
                .as(what)
                .isEqualTo(Float.floatToIntBits(expected.get(0)));
          }
        }
      }
    }
  }

  @Test
  void aRangeOfPanelsIsAPackedMatrix() {
    Matmul matmul = VECTOR.matmul();
    int width = matmul.panelWidth();
    int m = 6;
    int k = 9;
    int n = 3 * width + 1;
    Slice a = Slice.in(Values.ORDINARY, 1, m * k);
    Slice b = Slice.in(Values.ORDINARY, 2, k * n);
    float[] packed = new float[matmul.packedSize(k, n)];
    matmul.pack(k, n, b.array, b.offset, n, packed, 0);
    float[] whole = new float[m * n];
    matmul.multiply(m, n, k, a.array, a.offset, k, packed, 0, null, 0, 0, whole, 0, n);
    float[] parts = new float[m * n];
    for (int j = 0; j < n; j += width) {
      int columns = Math.min(width, n - j);
      matmul.multiply(m, columns, k, a.array, a.offset, k, packed, j * k, null, 0, 0, parts, j, n);
    }
    assertThat(parts).isEqualTo(whole);
  }
}
