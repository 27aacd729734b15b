package dev.lanewise.trainer.text.token;

import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.RowGradients;

/** Windows of T+1 ids of a text, of which every target counts. */
public final class TextWindows implements StepTokens {

  private final int context;
  private final int windows;
  private int[][] microBatches = new int[0][];

  /**
   * Makes an empty step.
   *
   * @param windows of a micro-batch
   * @param context T
   */
  public TextWindows(int windows, int context) {
    this.windows = windows;
    this.context = context;
  }

  /** Takes ids: per micro-batch, windows of {@code context + 1}, one after another. */
  public void take(int[][] ids) {
    microBatches = ids;
  }

  @Override
  public int microBatches() {
    return microBatches.length;
  }

  @Override
  public long counted() {
    return rows();
  }

  @Override
  public long rows() {
    return (long) microBatches.length * windows * context;
  }

  @Override
  public long pairs() {
    return rows() * (context + 1L) / 2;
  }

  @Override
  public void give(Batch batch, int micro, int from, int count) {
    batch.takeWindows(microBatches[micro], from * (context + 1), count, context);
  }

  @Override
  public void touch(RowGradients rows, int micro, int from, int count) {
    rows.touch(microBatches[micro], from * (context + 1), count, context, context + 1);
  }
}
