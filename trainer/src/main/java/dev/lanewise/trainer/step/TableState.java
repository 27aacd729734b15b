package dev.lanewise.trainer.step;

import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.trainer.optim.Glide;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.optim.OptimizerState.Rows;
import dev.lanewise.trainer.settings.Settings;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * What is remembered of tables that are trained by row: Adam's moments, when each row was last
 * changed, and, while the tables are settled, the rows that still move, as they were then.
 */
final class TableState {

  /** Steps, and rows, that a float counts: both are remembered as floats. */
  private static final int MOST_COUNTED = 1 << 24;

  private final ParameterStore firstMoment;
  private final ParameterStore secondMoment;
  private final ParameterStore touchedAt;
  private final ParameterStore moving;
  private final ParameterStore movingRows;

  /**
   * Makes the state of tables that no step has touched.
   *
   * @throws IllegalArgumentException if there are more steps, or rows, than are counted
   */
  TableState(Settings settings, List<Parameter> tables) {
    requireCountable(tables, settings.step().steps());
    this.firstMoment = store(tables, TableState::rows, true);
    this.secondMoment = firstMoment.emptyCopy();
    this.touchedAt = store(tables, TableState::rows, false);
    this.moving = store(tables, table -> mostMoving(settings, table), true);
    this.movingRows = store(tables, table -> mostMoving(settings, table), false);
  }

  private static void requireCountable(List<Parameter> tables, long steps) {
    if (!tables.isEmpty() && steps > MOST_COUNTED) {
      throw new IllegalArgumentException(
          "tables of n-grams are trained in at most %d steps".formatted(MOST_COUNTED));
    }
    for (Parameter table : tables) {
      int rows = rows(table);
      if (rows > MOST_COUNTED) {
        throw new IllegalArgumentException(
            "%s has %d rows; tables of n-grams are trained with at most %d"
                .formatted(table.name(), rows, MOST_COUNTED));
      }
    }
  }

  static int rows(Parameter table) {
    return table.size() / table.rowSize();
  }

  /** The positions of a step in so many sequences. */
  static int positions(Settings settings, int sequences) {
    double positions =
        (double) sequences * settings.step().accumulation() * settings.model().context();
    if (positions > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "a step of %.0f tokens is more than tables of n-grams are trained with; take a smaller --batch or --accumulation"
              .formatted(positions));
    }
    return (int) positions;
  }

  /**
   * Rows of a table that can be moving without being touched. Those of one step more than a row
   * moves for: what a step that is skipped has touched moves as long as what the step before it
   * touched.
   */
  private static int mostMoving(Settings settings, Parameter table) {
    long steps = Glide.steps(settings) + 1L;
    long touched = positions(settings, settings.step().batch()) * steps;
    return (int) Math.min(rows(table), touched);
  }

  /** A number, or a row of numbers, for each of so many rows of each table. */
  private static ParameterStore store(
      List<Parameter> tables, ToIntFunction<Parameter> rows, boolean wide) {
    ParameterLayout.Builder layout = ParameterLayout.builder();
    for (Parameter table : tables) {
      int[] shape =
          wide
              ? new int[] {rows.applyAsInt(table), table.rowSize()}
              : new int[] {rows.applyAsInt(table)};
      layout.add(table.name(), Role.BIAS, Initializer.ZEROS, true, shape);
    }
    return new ParameterStore(layout.build());
  }

  /** Returns the floats of the state of these tables. */
  static long floats(Settings settings, List<Parameter> tables) {
    long floats = 0;
    for (Parameter table : tables) {
      long moving = mostMoving(settings, table);
      floats += 2L * table.size() + rows(table) + moving * (table.rowSize() + 1);
    }
    return floats;
  }

  /** Returns all of it, as a checkpoint has it. */
  List<OptimizerState> stores() {
    return List.of(
        new OptimizerState("rows.exp_avg", "first moment", firstMoment, Rows.OF_THE_TABLE),
        new OptimizerState("rows.exp_avg_sq", "second moment", secondMoment, Rows.OF_THE_TABLE),
        new OptimizerState("rows.step", "step of the last change", touchedAt, Rows.LAST_CHANGE),
        new OptimizerState("rows.moving", "rows that move", moving, Rows.LIST),
        new OptimizerState(
            "rows.moving_numbers", "numbers of the rows that move", movingRows, Rows.LIST));
  }

  /** Returns Adam's mean gradient of each row. */
  ParameterStore firstMoment() {
    return firstMoment;
  }

  /** Returns Adam's mean squared gradient of each row. */
  ParameterStore secondMoment() {
    return secondMoment;
  }

  /**
   * Returns how many steps there had been after the one that last changed each row: 0 for never,
   * negative for a row that has come to rest since and lies where it is to be.
   */
  ParameterStore touchedAt() {
    return touchedAt;
  }

  /** Returns rows that move as they were when they were last changed, in order of their numbers. */
  ParameterStore moving() {
    return moving;
  }

  /** Returns the numbers of these rows, counted from 1; 0 behind the last. */
  ParameterStore movingRows() {
    return movingRows;
  }
}
