package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.trainer.optim.OptimizerState.Rows;
import java.util.Arrays;

/**
 * Which rows of a table have changed since a state of the same run. A row changes in the steps that
 * touch it and, by its momentum, in some steps after these; then it rests, and {@link
 * Rows#LAST_CHANGE} is negative. So what rests in a state, or was never touched, is the same in all
 * later ones until a step touches it; and such a step has at least the number of the state.
 */
final class LastChanges {

  private LastChanges() {}

  /**
   * Returns the step from which on the last change of a row counts as one after this state.
   *
   * @param changes {@link Rows#LAST_CHANGE} of a settled state
   * @param step how many steps there have been
   * @return the least number of a row that does not rest, or, if that is less, of the state; at
   *     least 1, because 0 stands for never
   */
  static long after(FloatTensor changes, long step) {
    long after = step;
    for (int row = 0; row < changes.size(); row++) {
      float change = changes.get(row);
      if (change > 0) {
        after = Math.min(after, (long) change);
      }
    }
    return Math.max(1, after);
  }

  /**
   * Returns the rows that can have changed since.
   *
   * @param changes of a later state
   * @param after of the earlier state, see {@link #after}
   * @param most how many there may be
   * @return their numbers, ascending; null if there are more
   */
  static int[] since(FloatTensor changes, long after, int most) {
    int[] rows = new int[Math.min(most, 1 << 10)];
    int count = 0;
    for (int row = 0; row < changes.size(); row++) {
      if (Math.abs(changes.get(row)) >= after) {
        if (count == most) {
          return null;
        }
        if (count == rows.length) {
          rows = Arrays.copyOf(rows, (int) Math.min(most, 2L * count));
        }
        rows[count++] = row;
      }
    }
    return Arrays.copyOf(rows, count);
  }
}
