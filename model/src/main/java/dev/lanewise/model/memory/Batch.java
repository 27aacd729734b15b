package dev.lanewise.model.memory;

/**
 * The tokens of a pass: {@code sequences} of {@code time} positions each, sequence after sequence, so
 * row = sequence · time + position. Each row has an input id and the id that is to follow it.
 */
public final class Batch {

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

  /** Returns the input ids, row by row. */
  public int[] inputs() {
    return inputs;
  }

  /** Returns the target ids, row by row. */
  public int[] targets() {
    return targets;
  }
}
