package dev.lanewise.trainer.run.compare;

import dev.lanewise.trainer.run.metrics.MetricsHistory;
import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/** Values over the steps of a run, known at some steps; between them they go straight. */
final class Curve implements DoubleUnaryOperator {

  /** More points than a chart of several runs can show. */
  static final int MOST_POINTS = 240;

  private final double[] steps;
  private final double[] values;

  private Curve(double[] steps, double[] values) {
    this.steps = steps;
    this.values = values;
  }

  static Curve of(List<Column> columns) {
    return new Curve(
        columns.stream().mapToDouble(Column::step).toArray(),
        columns.stream().mapToDouble(Column::mean).toArray());
  }

  /** The seconds that a run took before each step, without what came between steps. */
  static Curve seconds(MetricsHistory history) {
    List<Column> columns = history.milliseconds().columns();
    double[] steps = new double[columns.size() + 1];
    double[] seconds = new double[steps.length];
    double before = 0;
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      steps[i] = column.step();
      // The steps of a column lie around their mean.
      seconds[i] = (before + column.mean() * (column.count() - 1) / 2) / 1e3;
      before += column.mean() * column.count();
    }
    steps[columns.size()] = (double) history.completedSteps();
    seconds[columns.size()] = before / 1e3;
    return new Curve(steps, seconds);
  }

  @Override
  public double applyAsDouble(double step) {
    int last = steps.length - 1;
    if (step <= steps[0]) {
      return values[0];
    }
    if (step >= steps[last]) {
      return values[last];
    }
    int next = 1;
    while (steps[next] < step) {
      next++;
    }
    double share = (step - steps[next - 1]) / (steps[next] - steps[next - 1]);
    return values[next - 1] + share * (values[next] - values[next - 1]);
  }

  /**
   * The mean of several runs, with the least and the most of them, as far as all of them have come;
   * of one run its values as they are.
   *
   * @param runs those without values are left out
   */
  static List<Column> mean(List<List<Column>> runs) {
    List<List<Column>> begun = runs.stream().filter(columns -> !columns.isEmpty()).toList();
    if (begun.isEmpty()) {
      return List.of();
    }
    List<Column> shortest =
        begun.stream().min(Comparator.comparingDouble(run -> run.getLast().step())).get();
    List<Column> grid = thinned(shortest);
    if (begun.size() == 1) {
      return grid;
    }
    List<Curve> curves = begun.stream().map(run -> Curve.of(thinned(run))).toList();
    return grid.stream()
        .map(
            at -> {
              double[] values =
                  curves.stream().mapToDouble(curve -> curve.applyAsDouble(at.step())).toArray();
              return column(at.step(), values);
            })
        .toList();
  }

  private static Column column(double step, double[] values) {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double mean = 0;
    for (double value : values) {
      least = Math.min(least, value);
      most = Math.max(most, value);
      mean += value / values.length;
    }
    return new Column(step, mean, least, most, Math.round(step), values.length);
  }

  /** Neighbours become one until there are few enough. */
  private static List<Column> thinned(List<Column> columns) {
    int together = Math.ceilDiv(columns.size(), MOST_POINTS);
    if (together <= 1) {
      return columns;
    }
    List<Column> thinned = new ArrayList<>();
    for (int from = 0; from < columns.size(); from += together) {
      thinned.add(merged(columns.subList(from, Math.min(columns.size(), from + together))));
    }
    return thinned;
  }

  private static Column merged(List<Column> columns) {
    long count = columns.stream().mapToLong(Column::count).sum();
    double step = 0;
    double mean = 0;
    Column most = columns.getFirst();
    double least = most.least();
    for (Column column : columns) {
      double share = (double) column.count() / count;
      step += share * column.step();
      mean += share * column.mean();
      least = Math.min(least, column.least());
      most = column.most() > most.most() ? column : most;
    }
    return new Column(step, mean, least, most.most(), most.mostAt(), count);
  }
}
