package dev.lanewise.trainer.run.metrics;

import com.fasterxml.jackson.databind.JsonNode;

/** A line of metrics.jsonl, as far as the program itself reads it again. */
sealed interface MetricsLine {

  String STEP = "step";
  String SKIPPED = "skipped";
  String EVALUATION = "evaluation";

  long step();

  /** Whether the line tells of something that a run with so many completed steps has yet to do. */
  boolean isAfter(long completedSteps);

  /** A step; what was not finite is NaN. */
  record Step(long step, double loss, double learningRate, double milliseconds)
      implements MetricsLine {

    @Override
    public boolean isAfter(long completedSteps) {
      return step >= completedSteps;
    }
  }

  /** A step that was not taken, because its loss or gradient was not finite. */
  record Skipped(long step) implements MetricsLine {

    @Override
    public boolean isAfter(long completedSteps) {
      return step >= completedSteps;
    }
  }

  /** An evaluation after so many completed steps. */
  record Evaluation(long step, double loss) implements MetricsLine {

    @Override
    public boolean isAfter(long completedSteps) {
      return step > completedSteps;
    }
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException that says what is wrong
   */
  static MetricsLine of(JsonNode json) {
    JsonNode step = json.path("step");
    if (!step.isIntegralNumber() || !step.canConvertToLong() || step.longValue() < 0) {
      throw new IllegalArgumentException("\"step\" is not a number of a step");
    }
    return switch (json.path("type").asText("")) {
      case STEP ->
          new Step(step.longValue(), number(json, "loss"), number(json, "lr"), number(json, "ms"));
      case SKIPPED -> new Skipped(step.longValue());
      case EVALUATION -> new Evaluation(step.longValue(), number(json, "val_loss"));
      default ->
          throw new IllegalArgumentException(
              "\"type\" is not \"step\", \"skipped\" or \"evaluation\"");
    };
  }

  private static double number(JsonNode json, String name) {
    JsonNode value = json.path(name);
    if (value.isNull()) {
      return Double.NaN;
    }
    if (!value.isNumber()) {
      throw new IllegalArgumentException("\"" + name + "\" is not a number");
    }
    return value.doubleValue();
  }
}
