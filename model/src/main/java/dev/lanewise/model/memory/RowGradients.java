package dev.lanewise.model.memory;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Matrix;
import java.util.Arrays;
import java.util.List;

/**
 * The gradients of tables that are trained by row, for the positions of one shard: only the rows
 * that these touch, in the order in which they first do. Rows are named before backward, which adds
 * to them.
 *
 * <p>For one thread at a time until {@link #touch} is done; then for a team.
 */
public final class RowGradients {

  private static final int MOST_FLOATS = Integer.MAX_VALUE - 8;

  private final List<RowTable> tables;
  private final Touched[] touched;
  private int positions;

  /**
   * Makes room.
   *
   * @param positions most positions that can be touched for
   * @throws IllegalArgumentException if an array does not hold the gradients of their rows
   */
  public RowGradients(List<RowTable> tables, int positions) {
    this.tables = List.copyOf(tables);
    this.touched = new Touched[tables.size()];
    for (int i = 0; i < touched.length; i++) {
      if (tables.get(i).parameter().trainable()) {
        touched[i] = new Touched(positions, tables.get(i).parameter());
      }
    }
  }

  /** Returns the bytes that so many positions take. */
  public static long bytes(List<RowTable> tables, int positions) {
    long bytes = 0;
    for (RowTable table : tables) {
      Parameter parameter = table.parameter();
      if (parameter.trainable()) {
        long rows = mostRows(positions, parameter);
        bytes += Float.BYTES * rows * parameter.rowSize();
        bytes += Integer.BYTES * (positions + rows + places((int) rows));
      }
    }
    return bytes;
  }

  private static int mostRows(int positions, Parameter table) {
    return Math.min(positions, table.size() / table.rowSize());
  }

  /** A power of two of which at most half is taken. */
  private static int places(int rows) {
    return Integer.highestOneBit(Math.max(1, rows)) * 4;
  }

  /** The rows of one table. */
  private static final class Touched {

    private final int[] slots;
    private final int[] rows;
    private final int[] places;
    private final Matrix gradients;
    private int count;

    Touched(int positions, Parameter table) {
      int most = mostRows(positions, table);
      int columns = table.rowSize();
      if ((long) most * columns > MOST_FLOATS) {
        throw new IllegalArgumentException(
            "%d positions touch more rows of %s than an array holds the gradients of; take a smaller --batch or --accumulation, or more --shards"
                .formatted(positions, table.name()));
      }
      this.slots = new int[positions];
      this.rows = new int[most];
      this.places = new int[places(most)];
      this.gradients = Matrix.of(new float[most * columns], 0, columns);
    }

    /** The slot of a row: by open addressing, where 0 is free and others are slots plus one. */
    int slot(int row) {
      int mask = places.length - 1;
      int place = (row * 0x9E3779B9) >>> 7 & mask;
      while (places[place] != 0) {
        int slot = places[place] - 1;
        if (rows[slot] == row) {
          return slot;
        }
        place = place + 1 & mask;
      }
      places[place] = count + 1;
      rows[count] = row;
      int from = gradients.offset(count);
      Arrays.fill(gradients.data(), from, from + gradients.columns(), 0f);
      return count++;
    }
  }

  /** Forgets all rows. */
  public void clear() {
    positions = 0;
    for (Touched table : touched) {
      if (table != null) {
        table.count = 0;
        Arrays.fill(table.places, 0);
      }
    }
  }

  /**
   * Names the rows of some windows, behind those named before.
   *
   * @param ids of the windows, one after another
   * @param offset of the first
   * @param time positions of each
   * @param stride from a window to the next
   */
  public void touch(int[] ids, int offset, int windows, int time, int stride) {
    for (int window = 0; window < windows; window++) {
      touch(ids, offset + window * stride, time);
    }
  }

  /**
   * Names the rows of documents, as {@link Batch#takeDocuments} takes them, behind those named
   * before.
   *
   * @param offset of the first document's ids
   * @param from the first document
   */
  public void touchDocuments(int[] ids, int offset, int[] lengths, int from, int documents) {
    int at = offset;
    for (int document = from; document < from + documents; document++) {
      touch(ids, at, lengths[document]);
      at += lengths[document];
    }
  }

  private void touch(int[] ids, int from, int time) {
    for (int t = 0; t < touched.length; t++) {
      Touched table = touched[t];
      for (int i = 0; table != null && i < time; i++) {
        table.slots[positions + i] = table.slot(tables.get(t).row(ids, from + i, i));
      }
    }
    positions += time;
  }

  /** Returns the slot of each position's row in a table. */
  public int[] slots(int table) {
    return touched[table].slots;
  }

  /** Returns how many rows of a table are touched. */
  public int count(int table) {
    return touched[table].count;
  }

  /** Returns the number of the row in a slot. */
  public int row(int table, int slot) {
    return touched[table].rows[slot];
  }

  /** Returns the gradients of a table's rows, by slot. */
  public Matrix gradients(int table) {
    return touched[table].gradients;
  }
}
