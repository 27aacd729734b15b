package dev.lanewise.model.io;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;

/**
 * Says that a file has of a tensor only the rows in which it differs from its base: what a tensor
 * of that name holds in a file beside it, or zeros. The file has the rows, [n, ...], as {@code
 * NAME.rows} and their numbers, [n], ascending, as {@code NAME.row_numbers}, neither if there are
 * none; and among its texts, as {@code lanewise.base.NAME}, the name of the file with the base,
 * empty for zeros. {@link TensorsOnBases} reads it.
 */
public final class RowsOnBase {

  /** Numbers are floats, which count so far. */
  static final int MOST_ROWS = 1 << 24;

  private static final String BASE = "lanewise.base.";
  private static final String ROWS = ".rows";
  private static final String NUMBERS = ".row_numbers";

  /** Elements of rows that are collected at a time, about. */
  private static final int PART = 1 << 16;

  private final String base;
  private final int[] rows;

  /**
   * Chooses rows.
   *
   * @param base the name of a file; empty for zeros
   * @param rows their numbers, counted from 0; copied
   * @throws IllegalArgumentException if the numbers do not ascend from 0, or there are too many
   */
  public RowsOnBase(String base, int[] rows) {
    this.base = base;
    this.rows = rows.clone();
    int before = -1;
    for (int row : rows) {
      if (row <= before || row >= MOST_ROWS) {
        throw new IllegalArgumentException(
            "row %d, after %d, cannot be written".formatted(row, before));
      }
      before = row;
    }
  }

  private RowsOnBase(RowsOnBase same, String base) {
    this.base = base;
    this.rows = same.rows;
  }

  /** Returns the same rows on another base. */
  public RowsOnBase on(String other) {
    return new RowsOnBase(this, other);
  }

  /** Returns the name of the file with the base; empty for zeros. */
  String base() {
    return base;
  }

  /** Returns how many rows there are. */
  int count() {
    return rows.length;
  }

  /** The key of the text that names the base of a tensor. */
  static String key(String tensor) {
    return BASE + tensor;
  }

  /** Whether a text names the base of a tensor. */
  static boolean isKey(String key) {
    return key.startsWith(BASE);
  }

  /** The tensor whose base a text names. */
  static String tensor(String key) {
    return key.substring(BASE.length());
  }

  static String rowsName(String tensor) {
    return tensor + ROWS;
  }

  static String numbersName(String tensor) {
    return tensor + NUMBERS;
  }

  /** The shape of so many rows of a tensor. */
  static Shape shape(Shape tensor, int count) {
    int[] dimensions = tensor.toArray();
    dimensions[0] = count;
    return Shape.of(dimensions);
  }

  /** The rows of a tensor, and their numbers. There has to be one at least. */
  List<EncodedTensor> of(String name, FloatTensor tensor) {
    Shape shape = shape(tensor.shape(), rows.length);
    int size = shape.size() / rows.length;
    if (rows[rows.length - 1] >= tensor.shape().dimension(0)) {
      throw new IllegalArgumentException(
          "%s of %s does not have row %d".formatted(name, tensor.shape(), rows[rows.length - 1]));
    }
    return List.of(
        new EncodedTensor(
            rowsName(name),
            shape,
            Encoding.F32,
            parts(
                size,
                (row, into) -> {
                  int from = tensor.offset() + row * size;
                  System.arraycopy(tensor.data(), from, into.data(), into.offset(), size);
                })),
        new EncodedTensor(
            numbersName(name),
            Shape.of(rows.length),
            Encoding.F32,
            parts(1, (row, into) -> into.set(0, row))));
  }

  /** Some elements for each row, collected in order. */
  private Iterable<FloatTensor> parts(int size, BiConsumer<Integer, FloatTensor> collect) {
    int step = Math.max(1, PART / size);
    return () ->
        IntStream.iterate(0, from -> from < rows.length, from -> from + step)
            .mapToObj(
                from -> {
                  int[] some = Arrays.copyOfRange(rows, from, Math.min(from + step, rows.length));
                  float[] data = new float[some.length * size];
                  for (int i = 0; i < some.length; i++) {
                    collect.accept(some[i], new FloatTensor(data, i * size, Shape.of(size)));
                  }
                  return new FloatTensor(data, 0, Shape.of(data.length));
                })
            .iterator();
  }
}
