package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Matrix products in all forms: scalar and vector. */
class MatmulTwinTest extends TwinTest {

  /** One for all calls, which come one after another. */
  private static final Slice SCRATCH = Slice.scratch(VECTOR.matmul().scratchFloats());

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
    {10, 140, 18},
    {13, 32, 32},
    {23, 130, 20},
    {16, 48, 6},
    {17, 33, 63},
    {31, 40, 9},
    {33, 24, 5},
    {13, 130, 20}
  };

  /** Across many panels, and the blocks of rows and of k. */
  private static final int[][] LARGE = {
    {1, 130, 90},
    {3, 257, 70},
    {4, 257, 12},
    {7, 129, 33},
    {3, 33, 255},
    {5, 17, 256},
    {6, 40, 257},
    {9, 65, 513},
    {16, 34, 513},
    {17, 34, 513},
    {26, 67, 520},
    {255, 9, 3},
    {256, 33, 2},
    {257, 34, 5},
    {261, 35, 260},
    {515, 17, 7},
    {530, 81, 130},
    {14, 150, 1030},
    {33, 150, 1030},
    {510, 150, 257}
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
      calls.add(multiply(values, start, false, false, false, size[0], size[1], size[2]));
      calls.add(multiply(values, start, true, true, false, size[0], size[1], size[2]));
    }
    calls.add(multiply(values, Start.ZERO, false, true, false, size[0], size[1], size[2]));
    calls.add(multiply(values, Start.BIAS, true, false, false, size[0], size[1], size[2]));
    calls.add(multiply(values, Start.ZERO, true, true, true, size[0], size[1], size[2]));
    calls.add(multiply(values, Start.BIAS, true, false, true, size[0], size[1], size[2]));
    calls.add(multiply(values, Start.RESULT, true, false, true, size[0], size[1], size[2]));
  }

  /**
   * The whole of C, but B is packed in three parts and multiplied in two, has room for more rows
   * than it gets, and the strides are larger than the rows.
   */
  private static Call multiply(
      Values values,
      Start start,
      boolean aTransposed,
      boolean bTransposed,
      boolean withScratch,
      int m,
      int n,
      int k) {
    int aRow = 1;
    int bRow = 2;
    int cRow = 1;
    int unit = VECTOR.matmul().columnUnit();
    int middle = n / 2 / unit * unit;
    int top = k / 3;
    PackedMatrix.Size size = new PackedMatrix.Size(k + k % 3, n);
    int from = start == Start.RESULT ? 3 : 4;
    return Call.of(
        "multiply %dx%dx%d, A transposed %s, B transposed %s, with scratch %s, from %s %s"
            .formatted(m, n, k, aTransposed, bTransposed, withScratch, start, values),
        (kernels, s) -> {
          Matmul matmul = kernels.matmul();
          PackedMatrix packed = s[2].packed(kernels, size);
          matmul.pack(top, s[1].matrix, bRow, packed, 0, 0, n);
          matmul.pack(k - top, s[1].matrix, bRow + top, packed, top, middle, n);
          matmul.pack(k - top, s[1].matrix, bRow + top, packed, top, 0, middle);
          Matrix begin = start == Start.ZERO ? null : s[from].matrix;
          Matrix a = s[0].matrix;
          Matrix c = s[3].matrix;
          if (withScratch) {
            Matrix scratch = s[5].matrix;
            matmul.multiply(m, k, a, aRow, packed, 0, middle, begin, c, cRow, scratch);
            matmul.multiply(m, k, a, aRow, packed, middle, n, begin, c, cRow, scratch);
          } else {
            matmul.multiply(m, k, a, aRow, packed, 0, middle, begin, c, cRow);
            matmul.multiply(m, k, a, aRow, packed, middle, n, begin, c, cRow);
          }
        },
        operand(values, m + 1L, aTransposed, aRow + m, k),
        operand(values, n + 2L, bTransposed, bRow + k, n),
        packed(size),
        Slice.outRows(values, k + 3L, cRow + m, n, n + 5).onlyBlock(cRow, m, 0, n),
        start == Start.BIAS
            ? Slice.in(values, n + 4L, n).as((array, offset) -> Matrix.row(array, offset, n))
            : Slice.inRows(values, n + 4L, cRow + m, n, n + 1),
        SCRATCH);
  }

  /** A matrix as it lies, or one that lies as its transpose. */
  private static Slice operand(Values values, long seed, boolean transposed, int rows, int n) {
    if (!transposed) {
      return Slice.inRows(values, seed, rows, n, n + 3);
    }
    return Slice.inRows(values, seed, n, rows, rows + 2)
        .as((array, offset) -> Matrix.of(array, offset, rows, rows + 2).transposed(n));
  }

  private static Call transpose(Values values, int m, int n) {
    int xRow = 1;
    int yRow = 3;
    int yColumn = 2;
    return Call.of(
        "transpose %dx%d %s".formatted(m, n, values),
        (kernels, s) ->
            kernels.matmul().transpose(m, n, s[0].matrix, xRow, s[1].matrix, yRow, yColumn),
        Slice.inRows(values, m + 1L, xRow + m, n, n + 2),
        Slice.outRows(values, n + 3L, yRow + n, yColumn + m, yColumn + m + 3)
            .onlyBlock(yRow, n, yColumn, m));
  }

  /** Room for either kernel's packed form, which is its own affair. */
  private static Slice packed(PackedMatrix.Size size) {
    return Slice.scratch(
        (int) Math.max(SCALAR.matmul().packedFloats(size), VECTOR.matmul().packedFloats(size)));
  }

  @Test
  void packsColumnPanelsPaddedWithZeros() {
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      int width = kernels.matmul().columnUnit();
      for (int k : new int[] {0, 1, 3, 16, 17, 40}) {
        for (int n : new int[] {0, 1, width - 1, width, width + 1, 3 * width, 3 * width + 5}) {
          Slice b = Slice.inRows(Values.SPRINKLED, n, k, n, n + 2);
          Slice lying = Slice.inRows(Values.ORDINARY, n, n, k, k + 1);
          for (int j = 0; j < n; j++) {
            for (int p = 0; p < k; p++) {
              lying.set(j * (k + 1) + p, b.get(p * (n + 2) + j));
            }
          }
          Slice transposed =
              lying.as((array, offset) -> Matrix.of(array, offset, k, k + 1).transposed(n));
          assertPanels(kernels, b, b.matrix, k, n);
          assertPanels(kernels, b, transposed.matrix, k, n);
        }
      }
    }
  }

  /** Packs into more rows than there are, of which the last keep what was in them. */
  private static void assertPanels(KernelSet kernels, Slice b, Matrix matrix, int k, int n) {
    Matmul matmul = kernels.matmul();
    int width = matmul.columnUnit();
    int capacity = k + 2;
    PackedMatrix.Size size = new PackedMatrix.Size(capacity, n);
    int floats = (int) matmul.packedFloats(size);
    assertThat(floats).isEqualTo(Math.ceilDiv(n, width) * width * capacity);
    Slice packed =
        Slice.out(Values.ORDINARY, 1, floats).writable(i -> i % (capacity * width) / width < k);
    matmul.pack(k, matrix, 0, packed.packed(kernels, size), 0, 0, n);
    String what = "%s, packed %dx%d".formatted(kernels.name(), k, n);
    packed.assertOnlyWritableChanged(what);
    for (int i = 0; i < floats; i++) {
      int p = i % (capacity * width) / width;
      int j = i / (capacity * width) * width + i % width;
      if (p < k) {
        assertThat(Float.floatToIntBits(packed.get(i)))
            .as(what)
            .isEqualTo(Float.floatToIntBits(j < n ? b.get(p * (n + 2) + j) : 0f));
      }
    }
  }

  /** The columns end wherever they like: the panel is padded, and C is left alone behind them. */
  @Test
  void columnsEndAnywhere() {
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      Matmul matmul = kernels.matmul();
      int m = 11;
      int k = 9;
      int n = 3 * VECTOR.matmul().columnUnit() + 5;
      Slice a = Slice.inRows(Values.ORDINARY, 1, m, k, k);
      Slice b = Slice.inRows(Values.ORDINARY, 2, k, n, n);
      for (int end = 0; end <= n; end++) {
        PackedMatrix.Size size = new PackedMatrix.Size(k, n);
        Slice packed = Slice.scratch((int) matmul.packedFloats(size));
        Slice c = Slice.outRows(Values.ORDINARY, 3, m, n, n).onlyBlock(0, m, 0, end);
        PackedMatrix panels = packed.packed(kernels, size);
        matmul.pack(k, b.matrix, 0, panels, 0, 0, end);
        matmul.multiply(m, k, a.matrix, 0, panels, 0, end, null, c.matrix, 0);
        c.assertOnlyWritableChanged("%s, %d columns".formatted(kernels.name(), end));
        for (int i = 0; i < m * end; i++) {
          float sum = 0f;
          for (int p = 0; p < k; p++) {
            sum = Math.fma(a.get(i / end * k + p), b.get(p * n + i % end), sum);
          }
          assertThat(c.get(i / end * n + i % end)).isEqualTo(sum);
        }
      }
    }
  }
}
