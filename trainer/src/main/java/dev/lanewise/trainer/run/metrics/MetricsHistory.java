package dev.lanewise.trainer.run.metrics;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a run has logged, in columns: thinned out to what a chart can show, however long the run.
 *
 * @param trainingLoss mean loss of about as many steps as fall on one point, at the last of them
 * @param validationLoss every evaluation
 * @param learningRate at the same steps as the training loss
 */
record MetricsHistory(
    List<Point> trainingLoss, List<Point> validationLoss, List<Point> learningRate) {

  private static final int MOST_POINTS = 1000;

  /** A value at a step. */
  record Point(double step, double value) {}

  static MetricsHistory read(Path file) throws IOException {
    Thinned loss = new Thinned();
    Thinned learningRate = new Thinned();
    List<Point> validation = new ArrayList<>();
    try (MetricsReader reader = MetricsReader.open(file)) {
      for (MetricsLine line = reader.next(); line != null; line = reader.next()) {
        if (line instanceof MetricsLine.Step step) {
          loss.add(step.step() + 1.0, step.loss());
          learningRate.add(step.step() + 1.0, step.learningRate());
        } else if (line instanceof MetricsLine.Evaluation evaluation) {
          validation.add(new Point(evaluation.step(), evaluation.loss()));
        }
      }
    }
    return new MetricsHistory(loss.points, List.copyOf(validation), learningRate.points);
  }

  /** Means over runs of neighbours; when there are too many, two become one. */
  private static final class Thinned {
    private final List<Point> points = new ArrayList<>();
    private int perPoint = 1;
    private double sum;
    private int summed;

    void add(double step, double value) {
      if (!Double.isFinite(value)) {
        return;
      }
      sum += value;
      if (++summed < perPoint) {
        return;
      }
      points.add(new Point(step, sum / summed));
      sum = 0;
      summed = 0;
      if (points.size() == 2 * MOST_POINTS) {
        for (int i = 0; i < MOST_POINTS; i++) {
          Point second = points.get(2 * i + 1);
          points.set(i, new Point(second.step(), (points.get(2 * i).value() + second.value()) / 2));
        }
        points.subList(MOST_POINTS, points.size()).clear();
        perPoint *= 2;
      }
    }
  }
}
