package dev.lanewise.trainer.run.metrics;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonObject;

/** A line of metrics.jsonl, as far as the program itself reads it again. */
sealed interface MetricsLine {

  String STEP = "step";
  String SKIPPED = "skipped";
  String EVALUATION = "evaluation";
  String SAMPLE = "sample";
  String MISSING = "missing";

  long step();

  /** Whether the line tells of something that a run with so many completed steps has yet to do. */
  boolean isAfter(long completedSteps);

  /** A step; what was not finite, or is not in the line, is NaN. */
  record Step(
      long step,
      double loss,
      double learningRate,
      double gradientNorm,
      double milliseconds,
      double tokensPerSecond,
      double heapBytes,
      double residentBytes)
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

  /** What the model wrote after so many completed steps, each part cut to a bounded length. */
  record Sample(long step, String prompt, String text) implements MetricsLine {

    @Override
    public boolean isAfter(long completedSteps) {
      return step > completedSteps;
    }
  }

  /**
   * Steps that the run has taken, but whose lines were lost before it was resumed.
   *
   * @param step the first of them
   * @param next the first step after them
   */
  record Missing(long step, long next) implements MetricsLine {

    @Override
    public boolean isAfter(long completedSteps) {
      return next > completedSteps;
    }
  }

  /**
   * Reads a line.
   *
   * @throws InvalidFileException that says what is wrong
   */
  static MetricsLine of(JsonObject line) throws InvalidFileException {
    long step = line.whole("step");
    if (step < 0) {
      throw line.problem("step", step + " is negative");
    }
    return switch (line.string("type")) {
      case STEP ->
          new Step(
              step,
              number(line, "loss"),
              number(line, "lr"),
              known(line, "grad_norm"),
              number(line, "ms"),
              known(line, "tokens_per_s"),
              known(line, "heap_bytes"),
              known(line, "resident_bytes"));
      case SKIPPED -> new Skipped(step);
      case EVALUATION -> new Evaluation(step, number(line, "val_loss"));
      case SAMPLE -> new Sample(step, line.string("prompt"), line.string("text"));
      case MISSING -> new Missing(step, line.whole("next"));
      default ->
          throw line.problem(
              "type", "is not \"step\", \"skipped\", \"evaluation\", \"sample\" or \"missing\"");
    };
  }

  private static double number(JsonObject line, String name) throws InvalidFileException {
    return line.isNull(name) ? Double.NaN : line.number(name);
  }

  /** What not every line has. */
  private static double known(JsonObject line, String name) throws InvalidFileException {
    return line.has(name) ? line.number(name) : Double.NaN;
  }
}
