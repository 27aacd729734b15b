package dev.lanewise.model.memory;

import dev.lanewise.kernels.CrossEntropy;
import java.util.Objects;

/**
 * The tokens of a pass: {@code sequences} of {@code time} positions each, sequence after sequence,
 * so row = sequence · time + position. Each row has an input id and the id that is to follow it, or
 * {@link #UNCOUNTED} where nothing is to be learned.
 */
public final class Batch {

  /** The target of a row that the loss leaves out; -100, as elsewhere. */
  public static final int UNCOUNTED = CrossEntropy.UNCOUNTED;

  private final int[] inputs;
  private final int[] targets;
  private int sequences;
  private int time;

  /** Makes room for that many rows. */
  public Batch(int rows) {
    this.inputs = new int[rows];
    this.targets = new int[rows];
  }

  /**
   * Takes {@code sequences} windows of {@code time + 1} ids, one after another. The first {@code
   * time} of a window are inputs, the last {@code time} are targets.
   */
  public void takeWindows(int[] windows, int offset, int sequences, int time) {
    this.sequences = sequences;
    this.time = time;
    for (int s = 0; s < sequences; s++) {
      int window = offset + s * (time + 1);
      System.arraycopy(windows, window, inputs, s * time, time);
      System.arraycopy(windows, window + 1, targets, s * time, time);
    }
  }

  /**
   * Takes {@code sequences} rows of {@code time} ids and as many targets, row by row: any ids, or
   * {@link #UNCOUNTED} for what the loss leaves out.
   *
   * @param offset of the first row, in both arrays
   * @throws IndexOutOfBoundsException if an array, or this batch, is too small
   */
  public void takeRows(int[] ids, int[] following, int offset, int sequences, int time) {
    int rows = Math.multiplyExact(sequences, time);
    Objects.checkFromIndexSize(0, rows, inputs.length);
    System.arraycopy(ids, offset, inputs, 0, rows);
    System.arraycopy(following, offset, targets, 0, rows);
    this.sequences = sequences;
    this.time = time;
  }

  /** Takes {@code time} ids of one sequence, without targets: for generation. */
  public void takeInputs(int[] ids, int offset, int time) {
    this.sequences = 1;
    this.time = time;
    System.arraycopy(ids, offset, inputs, 0, time);
  }

  /** Returns the rows. */
  public int rows() {
    return sequences * time;
  }

  /** Returns the sequences. */
  public int sequences() {
    return sequences;
  }

  /** Returns the positions of each sequence. */
  public int time() {
    return time;
  }

  /** Returns how many rows have a target that counts: what a mean loss is the mean of. */
  public int counted() {
    return counted(targets, 0, rows());
  }

  /** Returns how many of so many targets from an offset on count. */
  public static int counted(int[] targets, int offset, int count) {
    int counted = 0;
    for (int i = offset; i < offset + count; i++) {
      counted += targets[i] == UNCOUNTED ? 0 : 1;
    }
    return counted;
  }

  /** Returns the input ids, row by row. */
  public int[] inputs() {
    return inputs;
  }

  /** Returns the target ids, row by row. */
  public int[] targets() {
    return targets;
  }
}
