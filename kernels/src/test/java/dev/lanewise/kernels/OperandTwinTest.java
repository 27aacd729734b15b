package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Products with what is no panels of floats: numbers smaller than floats, the transpose of a packed
 * matrix, a matrix as it lies. Scalar and vector, and the same product with floats that were
 * rounded before.
 */
class OperandTwinTest extends TwinTest {

  /** One for all calls, which come one after another. */
  private static final Slice SCRATCH = Slice.scratch(VECTOR.matmul().scratchFloats());

  private static final List<Precision> NARROW =
      List.of(Precision.BF16, Precision.F16, Precision.INT8);

  /**
   * m, n, k: around few and many rows, eights, panels one and two at a time, groups and pairs of
   * rows.
   */
  private static final int[][] SMALL = {
    {0, 5, 5},
    {5, 0, 5},
    {1, 7, 0},
    {5, 7, 0},
    {1, 1, 1},
    {1, 65, 3},
    {1, 64, 32},
    {1, 128, 33},
    {2, 40, 31},
    {3, 129, 34},
    {3, 100, 63},
    {4, 16, 64},
    {5, 33, 65},
    {6, 64, 47},
    {7, 15, 17},
    {8, 130, 66},
    {8, 32, 33},
    {13, 32, 96},
    {14, 130, 70},
    {16, 130, 64}
  };

  private static final int[][] LARGE = {
    {1, 257, 513},
    {2, 96, 256},
    {4, 257, 12},
    {6, 40, 257},
    {9, 65, 513},
    {16, 34, 300},
    {17, 34, 300},
    {261, 35, 300},
    {1030, 66, 40}
  };

  @Override
  List<Call> calls() {
    List<Call> calls = warmCalls();
    for (Precision precision : NARROW) {
      for (int[] size : LARGE) {
        add(calls, precision, Values.ORDINARY, size);
        add(calls, precision, Values.SPRINKLED, size);
      }
    }
    for (int[] size : LARGE) {
      addTransposed(calls, Precision.F32, Values.SPRINKLED, size);
      addUnpacked(calls, Values.SPRINKLED, size);
    }
    return calls;
  }

  @Override
  List<Call> warmCalls() {
    List<Call> calls = new ArrayList<>();
    for (Precision precision : NARROW) {
      for (Values values : Values.values()) {
        for (int[] size : SMALL) {
          add(calls, precision, values, size);
        }
      }
    }
    for (int[] size : SMALL) {
      addTransposed(calls, Precision.F32, Values.SPECIAL, size);
      addUnpacked(calls, Values.SPECIAL, size);
    }
    return calls;
  }

  private static void add(List<Call> calls, Precision precision, Values values, int[] size) {
    calls.add(multiply(precision, values, false, false, size[0], size[1], size[2]));
    Operand byRows = Operand.of(precision, values, false, size[2], size[1]);
    calls.add(multiply("by rows, " + precision, byRows, values, Start.ZERO, size));
    calls.add(multiply("by rows, " + precision, byRows, values, Start.BIAS, size));
    calls.add(multiply(precision, values, true, true, size[0], size[1], size[2]));
    Operand b = Operand.of(precision, values, true, size[2], size[1]);
    calls.add(gather(precision.toString(), b, values, size[1], size[2]));
    addTransposed(calls, precision, values, size);
  }

  private static void addTransposed(
      List<Call> calls, Precision precision, Values values, int[] size) {
    Operand b = Operand.of(precision, values, false, size[1], size[2]).transposed();
    addForms(calls, precision + ", the transpose", b, values, size);
  }

  private static void addUnpacked(List<Call> calls, Values values, int[] size) {
    addForms(calls, "as it lies", Operand.unpacked(values, false, size[2], size[1]), values, size);
    addForms(
        calls, "down its rows", Operand.unpacked(values, true, size[2], size[1]), values, size);
  }

  private static void addForms(
      List<Call> calls, String what, Operand b, Values values, int[] size) {
    calls.add(multiply(what, b, values, Start.ZERO, size));
    calls.add(multiply(what, b, values, Start.RESULT, size));
    calls.add(multiply(what, b, values, Start.BIAS, size));
    calls.add(multiply(what, b, values, Start.ANOTHER, size));
    calls.add(gather(what, b, values, size[1], size[2]));
  }

  /** Where chains begin. */
  private enum Start {
    ZERO,
    RESULT,
    BIAS,
    /** Another matrix; then A is read down its columns, too. */
    ANOTHER
  }

  /** What the precision holds: floats of 16 bits are finite, here and elsewhere. */
  private static Values fitting(Precision precision, Values values) {
    return precision == Precision.F16 ? Values.ORDINARY : values;
  }

  /** A packed matrix of each set, and the floats of one that other calls do not touch. */
  private record Operand(PackedMatrix scalar, PackedMatrix vector, Matrix numbers, int n) {

    private static final int TOP = 2;

    static Operand of(Precision precision, Values values, boolean transposed, int k, int n) {
      SplittableRandom random = new SplittableRandom(n + 2L);
      float[] data = new float[(k + TOP) * n];
      for (int i = 0; i < data.length; i++) {
        data[i] = fitting(precision, values).next(random);
      }
      Matrix b = transposed ? Matrix.of(data, 0, k + TOP).transposed(n) : Matrix.of(data, 0, n);
      PackedMatrix.Size size = new PackedMatrix.Size(k + k % 3, n, precision);
      return new Operand(packed(SCALAR, size, b, k), packed(VECTOR, size, b, k), b, n);
    }

    /** In parts, the last rows first. */
    private static PackedMatrix packed(KernelSet kernels, PackedMatrix.Size size, Matrix b, int k) {
      Matmul matmul = kernels.matmul();
      PackedMatrix packed = matmul.allocate(List.of(size)).getFirst();
      int n = size.columns();
      int unit = VECTOR.matmul().columnUnit();
      int middle = n / 2 / unit * unit;
      int top = k / 2 / Precision.GROUP * Precision.GROUP;
      matmul.pack(k - top, b, TOP + top, packed, top, 0, middle);
      matmul.pack(k - top, b, TOP + top, packed, top, middle, n);
      matmul.pack(top, b, TOP, packed, 0, 0, n);
      return packed;
    }

    static Operand unpacked(Values values, boolean transposed, int k, int n) {
      SplittableRandom random = new SplittableRandom(n + 2L);
      int columns = transposed ? k : n;
      int stride = columns + 3;
      float[] data = new float[2 + (transposed ? n : k) * stride];
      for (int i = 0; i < data.length; i++) {
        data[i] = values.next(random);
      }
      Matrix lies = Matrix.of(data, 2, columns, stride);
      Matrix b = transposed ? lies.transposed(n) : lies;
      UnpackedMatrix operand = new UnpackedMatrix(b, k);
      return new Operand(operand, operand, b, n);
    }

    PackedMatrix in(KernelSet kernels) {
      return kernels.equals(VECTOR) ? vector : scalar;
    }

    Operand transposed() {
      return new Operand(new PackedTranspose(scalar), new PackedTranspose(vector), numbers, n);
    }
  }

  private static Call multiply(
      Precision precision,
      Values values,
      boolean aTransposed,
      boolean biased,
      int m,
      int n,
      int k) {
    int aRow = 1;
    int cRow = 2;
    Operand b = Operand.of(precision, values, !aTransposed, k, n);
    int unit = VECTOR.matmul().columnUnit();
    int middle = n / 3 / unit * unit;
    return Call.of(
        "%s, multiply %dx%dx%d, transposed %s, bias %s, %s"
            .formatted(precision, m, n, k, aTransposed, biased, values),
        (kernels, s) -> {
          Matmul matmul = kernels.matmul();
          Matrix start = biased ? s[3].matrix : s[2].matrix;
          PackedMatrix packed = b.in(kernels);
          Matrix scratch = s[1].matrix;
          matmul.multiply(
              m, k, s[0].matrix, aRow, packed, 0, middle, start, s[2].matrix, cRow, scratch);
          matmul.multiply(
              m, k, s[0].matrix, aRow, packed, middle, n, start, s[2].matrix, cRow, scratch);
        },
        a(values, aTransposed, aRow, m, k),
        SCRATCH,
        Slice.outRows(values, k + 3L, cRow + m, n, n + 5).onlyBlock(cRow, m, 0, n),
        Slice.in(values, n + 4L, n).as((array, offset) -> Matrix.row(array, offset, n)));
  }

  private static Call multiply(String what, Operand b, Values values, Start from, int[] size) {
    int m = size[0];
    int n = size[1];
    int k = size[2];
    int aRow = 1;
    int cRow = 2;
    int unit = VECTOR.matmul().columnUnit();
    int middle = n / 3 / unit * unit;
    return Call.of(
        "%s, multiply %dx%dx%d, begin with %s, %s".formatted(what, m, n, k, from, values),
        (kernels, s) -> {
          Matmul matmul = kernels.matmul();
          Matrix start =
              switch (from) {
                case ZERO -> null;
                case RESULT -> s[2].matrix;
                case BIAS -> s[3].matrix;
                case ANOTHER -> s[4].matrix;
              };
          PackedMatrix packed = b.in(kernels);
          Matrix scratch = s[1].matrix;
          matmul.multiply(
              m, k, s[0].matrix, aRow, packed, 0, middle, start, s[2].matrix, cRow, scratch);
          matmul.multiply(
              m, k, s[0].matrix, aRow, packed, middle, n, start, s[2].matrix, cRow, scratch);
        },
        a(values, from == Start.ANOTHER, aRow, m, k),
        SCRATCH,
        Slice.outRows(values, k + 3L, cRow + m, n, n + 5).onlyBlock(cRow, m, 0, n),
        Slice.in(values, n + 4L, n).as((array, offset) -> Matrix.row(array, offset, n)),
        Slice.inRows(values, n + 5L, cRow + m, n, n + 1));
  }

  private static Slice a(Values values, boolean transposed, int row, int m, int k) {
    int rows = row + m;
    return transposed
        ? Slice.inRows(values, m + 1L, k, rows, rows + 2)
            .as((array, offset) -> Matrix.of(array, offset, rows, rows + 2).transposed(k))
        : Slice.inRows(values, m + 1L, rows, k, k + 3);
  }

  private static Call gather(String what, Operand b, Values values, int n, int k) {
    int[] ids = {0, 0, n - 1, n / 2, n / 3};
    int rows = n == 0 ? 0 : ids.length - 1;
    return Call.of(
        "%s, gather %d columns of %d, %s".formatted(what, n, k, values),
        (kernels, s) -> kernels.matmul().gatherColumns(1, rows, k, ids, b.in(kernels), s[0].matrix),
        Slice.outRows(values, 5, 1 + rows, k, k + 2).onlyBlock(1, rows, 0, k));
  }

  /** The definition: each number rounded on its own, and then the product of floats. */
  @Test
  void aProductIsThatOfRoundedFloats() {
    int m = 7;
    int k = 70;
    int n = 3 * VECTOR.matmul().columnUnit() + 5;
    Slice a = Slice.inRows(Values.ORDINARY, 1, m, k, k);
    for (Precision precision : NARROW) {
      for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
        Matmul matmul = kernels.matmul();
        Operand b = Operand.of(precision, Values.ORDINARY, false, k, n);
        float[] rounded = new float[n * k];
        int[] all = new int[n];
        Arrays.setAll(all, i -> i);
        Matrix columns = Matrix.of(rounded, 0, k);
        matmul.gatherColumns(0, n, k, all, b.in(kernels), columns);
        PackedMatrix floats = matmul.allocate(List.of(new PackedMatrix.Size(k, n))).getFirst();
        matmul.pack(k, columns.transposed(n), 0, floats, 0, 0, n);
        for (int rows : new int[] {1, 3, m}) {
          float[] expected = new float[rows * n];
          float[] actual = new float[rows * n];
          Matrix scratch = Matrix.row(new float[matmul.scratchFloats()], 0, 0);
          matmul.multiply(rows, k, a.matrix, 0, floats, 0, n, null, Matrix.of(expected, 0, n), 0);
          matmul.multiply(
              rows, k, a.matrix, 0, b.in(kernels), 0, n, null, Matrix.of(actual, 0, n), 0, scratch);
          assertThat(actual).as("%s, %s", precision, kernels.name()).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void aPrecisionSaysHowManyBytesItTakes() {
    int unit = VECTOR.matmul().columnUnit();
    int k = 64;
    int n = 3 * unit;
    assertThat(bytes(Precision.F32, k, n)).isEqualTo(4L * k * n);
    assertThat(bytes(Precision.BF16, k, n)).isEqualTo(2L * k * n);
    assertThat(bytes(Precision.F16, k, n)).isEqualTo(2L * k * n);
    assertThat(bytes(Precision.INT8, k, n)).isEqualTo((long) k * n + 2L * n * k / Precision.GROUP);
  }

  private static long bytes(Precision precision, int k, int n) {
    PackedMatrix.Size size = new PackedMatrix.Size(k, n, precision);
    PackedMatrix packed = VECTOR.matmul().allocate(List.of(size)).getFirst();
    assertThat(packed.precision()).isEqualTo(precision);
    assertThat(VECTOR.matmul().bytes(List.of(size)))
        .isBetween(packed.bytes(), packed.bytes() + 2 * Float.BYTES * CacheLine.FLOATS);
    return packed.bytes();
  }

  /** Several precisions at once, in the order asked for. */
  @Test
  void matricesOfAllPrecisionsAreAllocatedTogether() {
    List<PackedMatrix.Size> sizes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      for (Precision precision : Precision.values()) {
        sizes.add(new PackedMatrix.Size(3 * i, 5 + i, precision));
      }
    }
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      List<PackedMatrix> matrices = kernels.matmul().allocate(sizes);
      for (int i = 0; i < sizes.size(); i++) {
        PackedMatrix matrix = matrices.get(i);
        assertThat(new PackedMatrix.Size(matrix.rows(), matrix.columns(), matrix.precision()))
            .isEqualTo(sizes.get(i));
      }
    }
  }
}
