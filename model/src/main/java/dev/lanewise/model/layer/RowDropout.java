package dev.lanewise.model.layer;

import dev.lanewise.kernels.Dropout;
import dev.lanewise.kernels.Philox;
import dev.lanewise.model.memory.Pass;

/**
 * Leaves out rows of a table in training: of a position all of its row or nothing of it, so that a
 * model does not rely on rows that have learned its text by heart.
 *
 * <p><b>Definition.</b> Row r of a step is kept if {@code Philox.element(seed, stream, step, r) >>>
 * 8} is at least {@link Dropout#threshold}. What is kept is not scaled: the norm behind the sum
 * takes its size away in any case, and so evaluation, where no row is left out, sees sums that
 * training has seen too.
 */
final class RowDropout {

  /** Before the stream of the table of one token, if there were one. */
  private static final int STREAMS = 1 << 29;

  private final int threshold;
  private final int stream;

  /**
   * Makes it for one table.
   *
   * @param rate in [0, 1)
   */
  RowDropout(float rate, NgramTable table) {
    this.threshold = Dropout.threshold(rate);
    this.stream = stream(table);
  }

  /** Returns the random stream of a table's rows. */
  static int stream(NgramTable table) {
    return STREAMS + table.tokens();
  }

  /** Returns the first row of a pass that is kept, of those from {@code row} on; or the end. */
  int nextKept(Pass pass, int row, int end) {
    int r = row;
    while (r < end && !keeps(pass, r)) {
      r++;
    }
    return r;
  }

  /** Returns the first row of a pass that is left out, of those from {@code row} on; or the end. */
  int nextLeftOut(Pass pass, int row, int end) {
    if (!isActive(pass)) {
      return end;
    }
    int r = row;
    while (r < end && keeps(pass, r)) {
      r++;
    }
    return r;
  }

  private boolean isActive(Pass pass) {
    return threshold > 0 && pass.hasDropout();
  }

  private boolean keeps(Pass pass, int row) {
    return !isActive(pass)
        || Philox.element(pass.seed(), stream, pass.step(), pass.firstRow() + row) >>> 8
            >= threshold;
  }
}
