package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Keys and values of the positions of one text, of all key/value heads of an attention, in the form
 * in which {@link Attention#extend} reads them fastest: packed matrices, so that a product goes
 * through their panels from beginning to end. Made by {@link Attention#keyValues}; only
 * implementations of {@link Attention} depend on how the numbers lie.
 *
 * <p>The keys of a head are a matrix of a row for each of D elements and a column for each
 * position. The values of a head are one of a row for each position and D columns.
 */
public final class KeyValues {

  /** Positions are rounded up to this: whole panels and whole lane sums, of any vector width. */
  private static final int UNIT = Lanes.COUNT;

  private final Heads heads;
  private final Precision precision;
  private final int positions;
  private final PackedMatrix[] keys;
  private final PackedMatrix[] values;

  /**
   * Makes room.
   *
   * @param positions at least
   * @param allocate makes the matrices
   * @throws IllegalArgumentException if keys and values are not held in that precision
   */
  public KeyValues(
      Heads heads,
      int positions,
      Precision precision,
      Function<List<PackedMatrix.Size>, List<PackedMatrix>> allocate) {
    this.heads = heads;
    this.precision = requireHeld(precision);
    this.positions = roundUp(positions);
    List<PackedMatrix> matrices = allocate.apply(sizes(heads, this.positions, precision));
    this.keys = matrices.subList(0, heads.keyValues()).toArray(PackedMatrix[]::new);
    this.values = matrices.subList(heads.keyValues(), matrices.size()).toArray(PackedMatrix[]::new);
  }

  /**
   * Returns the bytes of that many positions.
   *
   * @param ofMatrices tells the bytes of matrices
   */
  public static long bytes(
      Heads heads,
      int positions,
      Precision precision,
      ToLongFunction<List<PackedMatrix.Size>> ofMatrices) {
    return ofMatrices.applyAsLong(sizes(heads, roundUp(positions), requireHeld(precision)));
  }

  /**
   * Returns a precision in which keys and values can be held.
   *
   * @throws IllegalArgumentException if they cannot: it is neither F32 nor BF16
   */
  public static Precision requireHeld(Precision precision) {
    if (precision != Precision.F32 && precision != Precision.BF16) {
      throw new IllegalArgumentException(
          "keys and values in %s: they are held in F32 or BF16".formatted(precision));
    }
    return precision;
  }

  /** Keys of all heads, then values of all heads. */
  private static List<PackedMatrix.Size> sizes(Heads heads, int positions, Precision precision) {
    List<PackedMatrix.Size> sizes = new ArrayList<>();
    for (int i = 0; i < heads.keyValues(); i++) {
      sizes.add(i, new PackedMatrix.Size(heads.size(), positions, precision));
      sizes.add(new PackedMatrix.Size(positions, heads.size(), precision));
    }
    return sizes;
  }

  private static int roundUp(int positions) {
    return Math.toIntExact(Math.ceilDiv(positions, (long) UNIT) * UNIT);
  }

  /** Returns how many positions there is room for. */
  public int positions() {
    return positions;
  }

  /** Returns what the numbers are rounded to. */
  public Precision precision() {
    return precision;
  }

  /** Returns the keys of a head. */
  public PackedMatrix keys(int head) {
    return keys[head];
  }

  /** Returns the values of a head. */
  public PackedMatrix values(int head) {
    return values[head];
  }

  /** Takes over the first positions of another of the same heads and precision. */
  public void copy(KeyValues from, int positions) {
    for (int head = 0; head < heads.keyValues(); head++) {
      copy(from.keys[head], keys[head], heads.size(), positions);
      copy(from.values[head], values[head], positions, heads.size());
    }
  }

  private static void copy(PackedMatrix from, PackedMatrix to, int rows, int columns) {
    if (to instanceof PackedInts ints) {
      ints.copy((PackedInts) from, rows, columns);
    } else {
      ((PackedFloats) to).copy((PackedFloats) from, rows, columns);
    }
  }
}
