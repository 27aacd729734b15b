package dev.lanewise.model.memory;

import dev.lanewise.engine.tensor.Parameter;

/**
 * A table whose rows are found by tokens, so that who trains it knows which rows a step touches.
 */
public interface RowTable {

  /** Returns the table [rows, columns]. */
  Parameter parameter();

  /**
   * Returns the row of a position.
   *
   * @param ids of a window of text
   * @param at where the position's token is
   * @param before how many tokens of its document lie before it
   */
  int row(int[] ids, int at, int before);
}
