package dev.lanewise.trainer.run.metrics;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.RegularFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Consumer;

/**
 * The file metrics.jsonl of a run: one JSON object per line, only ever appended to. Numbers are
 * written so that they read back to the same bits; what is not finite is null.
 *
 * <pre>
 * {"type":"step","step":0,"loss":8.5,"lr":0.0,"grad_norm":2.1,"ms":310.2,"tokens_per_s":13204.1,
 *  "gflops":160.3,"peak_fraction":0.32,"heap_bytes":5200000,"resident_bytes":9100000,"spike":true}
 * {"type":"skipped","step":1,"reason":"..."}
 * {"type":"evaluation","step":100,"val_loss":6.2,"val_perplexity":492.7}
 * {"type":"sample","step":100,"prompt":"Once","text":" upon a time"}
 * {"type":"missing","step":7,"next":10}
 * </pre>
 *
 * <p>In a step line {@code step} is the number of the step, counted from 0, and {@code loss} the
 * mean loss of its batch before the update; {@code spike} is there only when that loss stands out
 * from the ones before it, see {@link LossSpikes}, and memory once a second; {@code tokens} and
 * {@code counted} are there where not all tokens of a step have a target that counts. In the lines
 * of an evaluation and of a sample {@code step} counts the completed steps, so that evaluation 100
 * comes after step 99. A sample has the end of its prompt and the beginning of what follows. A line
 * of what is missing is there only when a run was resumed without the lines of some of its steps.
 * Each line is handed to the system at once: a killed process loses at most the line it was
 * writing.
 */
public final class MetricsLog implements Closeable {

  /** So much of a sample fits into a line, even if every character has to be escaped. */
  private static final int LONGEST_PROMPT = 1000;

  private static final int LONGEST_TEXT = 8000;

  private final FileChannel channel;
  private final LossSpikes spikes;
  private final MetricsHistory history;
  private long lastEvaluation;
  private long lastSample;

  private MetricsLog(FileChannel channel, LossSpikes spikes, MetricsHistory history, Kept kept) {
    this.channel = channel;
    this.spikes = spikes;
    this.history = history;
    this.lastEvaluation = kept.lastEvaluation;
    this.lastSample = kept.lastSample;
  }

  /**
   * Opens the log of a run that has completed some steps, and cuts off what an earlier process
   * wrote about later ones: steps that will be taken again, and a line that it did not complete.
   * The cut only shortens the file, so that dying in the middle of it leaves nothing to repair.
   *
   * @param completedSteps 0 for a new run, which begins with an empty file
   * @param warnings told when lines are missing that the run wrote once, and when something is cut
   *     off that no run wrote
   * @throws InvalidMetricsException if it is not a file, or if what it says of the completed steps
   *     is not what a run writes: each step once and in order. Nothing is changed then
   */
  public static MetricsLog open(Path file, long completedSteps, Consumer<String> warnings)
      throws IOException {
    RegularFile.require(file, problem -> new InvalidMetricsException(file, problem));
    LossSpikes spikes = new LossSpikes();
    MetricsHistory history = new MetricsHistory();
    boolean resumed = completedSteps > 0 && RegularFile.isThere(file);
    Kept kept = resumed ? kept(file, completedSteps, spikes, history, warnings) : Kept.NONE;
    boolean gap = kept.next < completedSteps;
    if (gap) {
      warnings.accept(
          "%s ends before step %d, but the run goes on at step %d: the steps between are not in it"
              .formatted(file, kept.next, completedSteps));
    }
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      channel.truncate(kept.end);
      channel.position(kept.end);
      channel.force(true);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    MetricsLog log = new MetricsLog(channel, spikes, history, kept);
    if (gap) {
      log.missing(kept.next, completedSteps);
    }
    return log;
  }

  /** The lines that stay: where they end, the step that is next, the last evaluation and sample. */
  private record Kept(long end, long next, long lastEvaluation, long lastSample) {
    private static final Kept NONE = new Kept(0, 0, -1, -1);

    /** Whether a run that has come to so many steps had yet to write this line, or has it twice. */
    boolean endsBefore(MetricsLine line, long completedSteps) {
      if (next < completedSteps) {
        return line instanceof MetricsLine.Missing
            && line.isAfter(completedSteps)
            && line.step() == next;
      }
      long last = line instanceof MetricsLine.Sample ? lastSample : lastEvaluation;
      return line.isAfter(completedSteps) || line.step() <= last;
    }

    /**
     * What there is with one more line, which has to be the one that a run would write next.
     *
     * @throws InvalidMetricsException that names the line
     */
    Kept with(MetricsLine line, MetricsReader reader) throws InvalidMetricsException {
      if (line instanceof MetricsLine.Evaluation) {
        if (line.step() != next || line.step() <= lastEvaluation) {
          throw reader.problem(
              "an evaluation after %s, where %d were taken"
                  .formatted(Counted.of(line.step(), "step"), next));
        }
        return new Kept(reader.position(), next, line.step(), lastSample);
      }
      if (line instanceof MetricsLine.Sample) {
        if (line.step() != next || line.step() <= lastSample) {
          throw reader.problem(
              "a sample after %s, where %d were taken"
                  .formatted(Counted.of(line.step(), "step"), next));
        }
        return new Kept(reader.position(), next, lastEvaluation, line.step());
      }
      if (line.step() != next) {
        throw reader.problem(
            "step %d where step %d comes; lines are missing, doubled or changed"
                .formatted(line.step(), next));
      }
      long after = line instanceof MetricsLine.Missing missing ? missing.next() : next + 1;
      if (after <= next) {
        throw reader.problem("steps that end before they begin");
      }
      return new Kept(reader.position(), after, lastEvaluation, lastSample);
    }
  }

  private static Kept kept(
      Path file,
      long completedSteps,
      LossSpikes spikes,
      MetricsHistory history,
      Consumer<String> warnings)
      throws IOException {
    Kept kept = Kept.NONE;
    try (MetricsReader reader = MetricsReader.open(file)) {
      for (MetricsLine line = reader.next(); line != null; line = reader.next()) {
        if (kept.endsBefore(line, completedSteps)) {
          break;
        }
        kept = kept.with(line, reader);
        boolean spike = line instanceof MetricsLine.Step step && spikes.add(step.loss());
        history.add(line, spike);
      }
      if (reader.isTorn()) {
        warnings.accept("%s ends in the middle of a line, which is cut off".formatted(file));
      }
    } catch (InvalidMetricsException e) {
      // A machine that lost power may leave anything behind the last line that was forced.
      if (kept.next < completedSteps) {
        throw e;
      }
      warnings.accept(
          "%s: what follows the %s of the checkpoint is damaged and is cut off"
              .formatted(file, Counted.of(completedSteps, "step")));
    }
    return kept;
  }

  private void missing(long from, long next) throws IOException {
    append(
        line -> {
          line.writeStringField("type", MetricsLine.MISSING);
          line.writeNumberField("step", from);
          line.writeNumberField("next", next);
        });
    history.add(new MetricsLine.Missing(from, next), false);
  }

  /** What the log holds, and goes on to hold. */
  public MetricsHistory history() {
    return history;
  }

  /**
   * Appends the line of a step.
   *
   * @param peakGigaflops what this machine can do, see {@link PeakFlops}
   * @param memory what is not known is left out
   * @return whether the loss is a spike
   */
  public boolean step(StepMetrics metrics, double peakGigaflops, MemoryUse memory)
      throws IOException {
    boolean spike = spikes.add(metrics.loss());
    append(
        line -> {
          line.writeStringField("type", MetricsLine.STEP);
          line.writeNumberField("step", metrics.step());
          number(line, "loss", metrics.loss());
          number(line, "lr", metrics.learningRate());
          number(line, "grad_norm", metrics.gradientNorm());
          number(line, "ms", metrics.milliseconds());
          number(line, "tokens_per_s", metrics.tokensPerSecond());
          if (metrics.counted() != metrics.tokens()) {
            line.writeNumberField("tokens", metrics.tokens());
            line.writeNumberField("counted", metrics.counted());
          }
          number(line, "gflops", metrics.gigaflops());
          number(line, "peak_fraction", metrics.gigaflops() / peakGigaflops);
          knownNumber(line, "heap_bytes", memory.heapBytes());
          knownNumber(line, "resident_bytes", memory.residentBytes());
          if (spike) {
            line.writeBooleanField("spike", true);
          }
        });
    history.add(
        new MetricsLine.Step(
            metrics.step(),
            metrics.loss(),
            metrics.learningRate(),
            metrics.gradientNorm(),
            metrics.milliseconds(),
            metrics.tokensPerSecond(),
            memory.heapBytes(),
            memory.residentBytes()),
        spike);
    return spike;
  }

  /** Appends the line of a step that was not taken. */
  public void skipped(long step, String reason) throws IOException {
    append(
        line -> {
          line.writeStringField("type", MetricsLine.SKIPPED);
          line.writeNumberField("step", step);
          line.writeStringField("reason", reason);
        });
    history.add(new MetricsLine.Skipped(step), false);
  }

  /** Appends the line of an evaluation; one that a resumed run repeats is there already. */
  public void evaluation(long completedSteps, double loss) throws IOException {
    if (completedSteps == lastEvaluation) {
      return;
    }
    lastEvaluation = completedSteps;
    append(
        line -> {
          line.writeStringField("type", MetricsLine.EVALUATION);
          line.writeNumberField("step", completedSteps);
          number(line, "val_loss", loss);
          number(line, "val_perplexity", StrictMath.exp(loss));
        });
    history.add(new MetricsLine.Evaluation(completedSteps, loss), false);
  }

  /** Appends a sample; one that a resumed run repeats is there already. */
  public void sample(long completedSteps, String prompt, String text) throws IOException {
    if (completedSteps == lastSample) {
      return;
    }
    lastSample = completedSteps;
    String end = prompt.substring(boundary(prompt, prompt.length() - LONGEST_PROMPT));
    String beginning = text.substring(0, boundary(text, Math.min(LONGEST_TEXT, text.length())));
    append(
        line -> {
          line.writeStringField("type", MetricsLine.SAMPLE);
          line.writeNumberField("step", completedSteps);
          line.writeStringField("prompt", end);
          line.writeStringField("text", beginning);
        });
    history.add(new MetricsLine.Sample(completedSteps, end, beginning), false);
  }

  /** The last place up to an index where a text can be cut without cutting a character. */
  private static int boundary(String text, int index) {
    if (index <= 0 || index >= text.length()) {
      return Math.max(0, index);
    }
    return Character.isLowSurrogate(text.charAt(index)) ? index - 1 : index;
  }

  private static void knownNumber(JsonGenerator line, String name, double value)
      throws IOException {
    if (Double.isFinite(value)) {
      line.writeNumberField(name, (long) value);
    }
  }

  private static void number(JsonGenerator line, String name, double value) throws IOException {
    line.writeFieldName(name);
    if (Double.isFinite(value)) {
      line.writeNumber(value);
    } else {
      line.writeNull();
    }
  }

  private void append(JsonText.Fields fields) throws IOException {
    byte[] line = JsonText.compact(fields);
    ByteBuffer buffer = ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Waits until all lines are on the disk, so that a checkpoint does not outlive them. */
  public void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
