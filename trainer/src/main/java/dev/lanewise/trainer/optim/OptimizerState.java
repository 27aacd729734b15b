package dev.lanewise.trainer.optim;

import dev.lanewise.engine.tensor.ParameterStore;

/**
 * Something that an optimizer remembers of trainable parameters: all of them, or some.
 *
 * @param name unique in its optimizer; files of checkpoints use it
 * @param label for people, such as "the first moment"
 * @param rows what its rows are to those of a table that is trained by row
 */
public record OptimizerState(String name, String label, ParameterStore values, Rows rows) {

  /** What the rows of a state are to those of the parameter that it is of. */
  public enum Rows {
    /** Nothing that is known: any of it may change in any step. */
    ANY,
    /** One is of one, and changes only when a step changes that, or while it moves after it. */
    OF_THE_TABLE,
    /**
     * As {@link #OF_THE_TABLE}, one number: how many steps there had been after the one that last
     * changed the row. 0 for never; negative for a row that rests since, which only a step that
     * touches it changes.
     */
    LAST_CHANGE,
    /** A list of rows, with zeros behind its last. */
    LIST
  }

  /** Of parameters that are trained as a whole. */
  public OptimizerState(String name, String label, ParameterStore values) {
    this(name, label, values, Rows.ANY);
  }

  /** Returns the same state with other values. */
  public OptimizerState with(ParameterStore other) {
    return new OptimizerState(name, label, other, rows);
  }
}
