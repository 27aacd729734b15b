package dev.lanewise.trainer.run.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Values over the steps of a run, thinned out to what a chart can show: least, most and mean of
 * columns that all take the same number of steps. There are between {@value #LEAST_COLUMNS} and
 * twice as many of them, however long the run: when a step lies beyond them, two become one.
 */
public final class StepColumns {

  /** How many there are at least, of a run that has so many steps. */
  public static final int LEAST_COLUMNS = 400;

  /** Beyond it the difference of two values, or their sum, may not be finite. */
  private static final double LARGEST = 1e300;

  private static final int COLUMNS = 2 * LEAST_COLUMNS;

  private final long[] count = new long[COLUMNS];
  private final double[] meanStep = new double[COLUMNS];
  private final double[] mean = new double[COLUMNS];
  private final double[] least = new double[COLUMNS];
  private final double[] most = new double[COLUMNS];
  private final long[] mostAt = new long[COLUMNS];
  private long stepsPerColumn = 1;

  StepColumns() {}

  /**
   * The values of neighbouring steps.
   *
   * @param step mean of the steps that have a value
   * @param mean of the values
   * @param least of them
   * @param most of them
   * @param mostAt the first step that has it
   * @param count how many values there are, at least one
   */
  public record Column(
      double step, double mean, double least, double most, long mostAt, long count) {

    /** The same at another place. */
    public Column at(double place) {
      return new Column(place, mean, least, most, mostAt, count);
    }

    /** The same in another unit. */
    public Column times(double factor) {
      return new Column(step, mean * factor, least * factor, most * factor, mostAt, count);
    }
  }

  /** Takes a value in; one that is not finite, or too large to be summed, is left out. */
  void add(long step, double value) {
    if (!(Math.abs(value) <= LARGEST)) {
      return;
    }
    while (step / stepsPerColumn >= COLUMNS) {
      halve();
    }
    merge((int) (step / stepsPerColumn), new Column((double) step, value, value, value, step, 1));
  }

  private void halve() {
    for (int i = 0; i < COLUMNS; i++) {
      if (count[i] > 0) {
        Column column = column(i);
        count[i] = 0;
        merge(i / 2, column);
      }
    }
    Arrays.fill(count, LEAST_COLUMNS, COLUMNS, 0);
    stepsPerColumn *= 2;
  }

  private void merge(int i, Column added) {
    if (count[i] == 0) {
      meanStep[i] = added.step();
      mean[i] = added.mean();
      least[i] = added.least();
      most[i] = added.most();
      mostAt[i] = added.mostAt();
    } else {
      double share = (double) added.count() / (count[i] + added.count());
      meanStep[i] += (added.step() - meanStep[i]) * share;
      mean[i] += (added.mean() - mean[i]) * share;
      least[i] = Math.min(least[i], added.least());
      if (added.most() > most[i]) {
        most[i] = added.most();
        mostAt[i] = added.mostAt();
      }
    }
    count[i] += added.count();
  }

  private Column column(int i) {
    return new Column(meanStep[i], mean[i], least[i], most[i], mostAt[i], count[i]);
  }

  /** Returns the columns that have a value, in the order of their steps. */
  public List<Column> columns() {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < COLUMNS; i++) {
      if (count[i] > 0) {
        columns.add(column(i));
      }
    }
    return columns;
  }
}
