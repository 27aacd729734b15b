package dev.lanewise.trainer.run.compare;

import dev.lanewise.trainer.run.metrics.MetricsHistory;
import dev.lanewise.trainer.run.metrics.StepColumns;
import dev.lanewise.trainer.run.metrics.StepColumns.Column;
import dev.lanewise.trainer.settings.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Runs that differ in nothing but the seed; often it is one.
 *
 * @param name short, and no other group's
 * @param runs at least one, each of another seed
 * @param bytesPerToken of the text that validates; NaN if it is not known
 */
public record RunGroup(String name, List<ComparedRun> runs, double bytesPerToken) {

  /** Returns the folders of the runs. */
  public List<Path> folders() {
    return runs.stream().map(run -> run.folder().path()).toList();
  }

  /** Returns the seeds of the runs. */
  public List<Long> seeds() {
    return runs.stream().map(ComparedRun::seed).toList();
  }

  /** Returns the settings, which all runs have but for the seed. */
  public Settings settings() {
    return runs.getFirst().settings();
  }

  /** Returns how many runs have come to their end. */
  public int finished() {
    return (int) runs.stream().filter(ComparedRun::isFinished).count();
  }

  /** Returns the steps that the run which has come least far has taken. */
  public long completedSteps() {
    return runs.stream().mapToLong(run -> run.history().completedSteps()).min().orElse(0);
  }

  /** The runs that means are of: what is on its way would be compared with what is done. */
  private List<ComparedRun> counted() {
    return finished() == 0 ? runs : runs.stream().filter(ComparedRun::isFinished).toList();
  }

  private Statistic statistic(ToDoubleFunction<ComparedRun> value) {
    return Statistic.of(counted().stream().mapToDouble(value).filter(Double::isFinite));
  }

  /** Returns the last validation losses, in nats per token. */
  public Statistic finalLoss() {
    return statistic(ComparedRun::finalLoss);
  }

  /** Returns the lowest validation losses, in nats per token. */
  public Statistic bestLoss() {
    return statistic(ComparedRun::bestLoss);
  }

  /** Returns the last validation losses in bits per byte; NaN where they are not known. */
  public Statistic finalBitsPerByte() {
    return finalLoss().times(bitsPerNat());
  }

  /** What makes bits per byte of nats per token. */
  double bitsPerNat() {
    return 1 / Math.log(2) / bytesPerToken;
  }

  /** Returns the wall time of the steps. */
  public Statistic seconds() {
    return statistic(run -> run.history().totalMilliseconds() / 1e3);
  }

  /** The mean over the runs, with the least and the most of them. */
  List<Column> curve(Function<MetricsHistory, StepColumns> values) {
    return Curve.mean(
        counted().stream().map(run -> values.apply(run.history()).columns()).toList());
  }

  /** From steps to the seconds before them, in the mean. */
  DoubleUnaryOperator secondsBefore() {
    List<Curve> curves = counted().stream().map(run -> Curve.seconds(run.history())).toList();
    return step ->
        curves.stream().mapToDouble(curve -> curve.applyAsDouble(step)).average().orElse(0);
  }

  /** From steps to the tokens before them. */
  DoubleUnaryOperator tokensBefore() {
    double perStep = runs.getFirst().tokensPerStep();
    return step -> step * perStep;
  }

  /** The farthest step of its curves. */
  double lastStep() {
    return counted().stream().mapToLong(run -> run.history().completedSteps()).max().orElse(0);
  }
}
