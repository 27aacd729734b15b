package dev.lanewise.trainer.run.metrics;

import dev.lanewise.model.io.RegularFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a run has logged so far, thinned out to what a report can show: its size does not grow with
 * the run. A step is at its number, the count of the updates before its loss was computed; so a
 * training loss and a validation loss at the same place are of the same weights.
 */
public final class MetricsHistory {

  /** How many samples are kept at least, of a run that made so many. */
  static final int LEAST_SAMPLES = 12;

  private final StepColumns trainingLoss = new StepColumns();
  private final StepColumns validationLoss = new StepColumns();
  private final StepColumns learningRate = new StepColumns();
  private final StepColumns gradientNorm = new StepColumns();
  private final StepColumns milliseconds = new StepColumns();
  private final StepColumns tokensPerSecond = new StepColumns();
  private final StepColumns heapBytes = new StepColumns();
  private final StepColumns residentBytes = new StepColumns();
  private final StepColumns spikes = new StepColumns();
  private final StepColumns skippedSteps = new StepColumns();
  private final List<Sample> samples = new ArrayList<>();
  private long completedSteps;
  private double totalMilliseconds;
  private Evaluation lastEvaluation;
  private Evaluation bestEvaluation;
  private Sample lastSample;
  private long sampleCount;
  private long samplesPerKept = 1;

  MetricsHistory() {}

  /**
   * An evaluation.
   *
   * @param completedSteps when it was made
   * @param loss nats per token, finite
   */
  public record Evaluation(long completedSteps, double loss) {}

  /**
   * A sample of what the model wrote.
   *
   * @param completedSteps when it was made
   * @param validationLoss of the evaluation at the same time; NaN if there was none
   * @param prompt what it goes on from, or the end of it
   * @param text what follows, or the beginning of it
   */
  public record Sample(long completedSteps, double validationLoss, String prompt, String text) {}

  /**
   * Reads what a run has logged, be it that it goes on meanwhile. Lines that are damaged, or that
   * no run writes where they are, are passed over, and steps may be missing. Without a file nothing
   * has been logged.
   *
   * @param steps at which the run ends
   * @param warnings told of lines that were passed over, and of steps that have no line
   */
  public static MetricsHistory read(Path file, long steps, Consumer<String> warnings)
      throws IOException {
    MetricsHistory history = new MetricsHistory();
    if (!RegularFile.isThere(file)) {
      return history;
    }
    LossSpikes spikes = new LossSpikes();
    LostLines lost = new LostLines();
    try (MetricsReader reader = MetricsReader.open(file)) {
      boolean more = true;
      while (more) {
        try {
          MetricsLine line = reader.next();
          more = line != null;
          if (more && !history.goesOnWith(line, steps)) {
            lost.damaged(reader.line());
          } else if (more) {
            boolean spike = line instanceof MetricsLine.Step step && spikes.add(step.loss());
            history.add(line, spike);
            lost.read(line, history.completedSteps);
          }
        } catch (InvalidMetricsException e) {
          lost.damaged(reader.line());
        }
      }
    }
    lost.tell(file, warnings);
    return history;
  }

  /** Lines before it may be lost, but a run does not go back, nor beyond its end. */
  private boolean goesOnWith(MetricsLine line, long steps) {
    boolean again =
        line instanceof MetricsLine.Evaluation
            && lastEvaluation != null
            && line.step() <= lastEvaluation.completedSteps();
    return line.step() >= completedSteps && !again && !line.isAfter(steps);
  }

  /**
   * Takes the next line of the log in.
   *
   * @param spike whether it is of a step whose loss is a spike
   */
  void add(MetricsLine line, boolean spike) {
    if (line instanceof MetricsLine.Step step) {
      addStep(step, spike);
    } else if (line instanceof MetricsLine.Skipped skipped) {
      skippedSteps.add(skipped.step(), 1);
      completedSteps = skipped.step() + 1;
    } else if (line instanceof MetricsLine.Missing missing) {
      completedSteps = missing.next();
    } else if (line instanceof MetricsLine.Evaluation evaluation) {
      addEvaluation(evaluation);
    } else if (line instanceof MetricsLine.Sample sample) {
      addSample(sample);
    }
  }

  private void addStep(MetricsLine.Step step, boolean spike) {
    long at = step.step();
    trainingLoss.add(at, step.loss());
    learningRate.add(at, step.learningRate());
    gradientNorm.add(at, step.gradientNorm());
    milliseconds.add(at, step.milliseconds());
    tokensPerSecond.add(at, step.tokensPerSecond());
    heapBytes.add(at, step.heapBytes());
    residentBytes.add(at, step.residentBytes());
    if (spike) {
      spikes.add(at, step.loss());
    }
    if (step.milliseconds() > 0) {
      totalMilliseconds += step.milliseconds();
    }
    completedSteps = at + 1;
  }

  private void addEvaluation(MetricsLine.Evaluation line) {
    if (!Double.isFinite(line.loss())) {
      return;
    }
    validationLoss.add(line.step(), line.loss());
    lastEvaluation = new Evaluation(line.step(), line.loss());
    if (bestEvaluation == null || line.loss() <= bestEvaluation.loss()) {
      bestEvaluation = lastEvaluation;
    }
  }

  /** Every so many of them are kept, and the last one. */
  private void addSample(MetricsLine.Sample line) {
    boolean evaluated = lastEvaluation != null && lastEvaluation.completedSteps() == line.step();
    lastSample =
        new Sample(
            line.step(),
            evaluated ? lastEvaluation.loss() : Double.NaN,
            line.prompt(),
            line.text());
    if (sampleCount++ % samplesPerKept != 0) {
      return;
    }
    samples.add(lastSample);
    if (samples.size() == 2 * LEAST_SAMPLES) {
      for (int i = 0; i < LEAST_SAMPLES; i++) {
        samples.set(i, samples.get(2 * i));
      }
      samples.subList(LEAST_SAMPLES, samples.size()).clear();
      samplesPerKept *= 2;
    }
  }

  /** Steps that were taken or skipped. */
  public long completedSteps() {
    return completedSteps;
  }

  /** Wall time of the steps, without what came between them. */
  public double totalMilliseconds() {
    return totalMilliseconds;
  }

  /** The evaluation with the lowest loss; of equal ones the latest. */
  public Optional<Evaluation> bestEvaluation() {
    return Optional.ofNullable(bestEvaluation);
  }

  /** The last evaluation. */
  public Optional<Evaluation> lastEvaluation() {
    return Optional.ofNullable(lastEvaluation);
  }

  /** Some of the samples, in order: the first and the last are among them. */
  public List<Sample> samples() {
    List<Sample> shown = new ArrayList<>(samples);
    if (lastSample != null && !shown.getLast().equals(lastSample)) {
      shown.add(lastSample);
    }
    return shown;
  }

  /** How many samples the run made. */
  public long sampleCount() {
    return sampleCount;
  }

  /** Nats per token, of each step's batch. */
  public StepColumns trainingLoss() {
    return trainingLoss;
  }

  /** Nats per token. */
  public StepColumns validationLoss() {
    return validationLoss;
  }

  /** Of each update. */
  public StepColumns learningRate() {
    return learningRate;
  }

  /** Before clipping. */
  public StepColumns gradientNorm() {
    return gradientNorm;
  }

  /** Wall time of a step. */
  public StepColumns milliseconds() {
    return milliseconds;
  }

  /** While a step is taken. */
  public StepColumns tokensPerSecond() {
    return tokensPerSecond;
  }

  /** See {@link MemoryUse}. */
  public StepColumns heapBytes() {
    return heapBytes;
  }

  /** See {@link MemoryUse}. */
  public StepColumns residentBytes() {
    return residentBytes;
  }

  /** The losses that stand out from the ones before them. */
  public StepColumns spikes() {
    return spikes;
  }

  /** Steps that were not taken, because something was not finite; the values mean nothing. */
  public StepColumns skippedSteps() {
    return skippedSteps;
  }
}
