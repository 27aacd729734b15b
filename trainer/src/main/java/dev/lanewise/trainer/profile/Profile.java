package dev.lanewise.trainer.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Where the time of recorded steps went. Times are those of all threads, added, so the rows add up
 * to the time of the steps multiplied by the threads.
 *
 * @param steps the steps that were looked at
 * @param machine what they ran on
 * @param rows layers, in the order of the first step, and what is not within one
 * @param outside what the recording has beside steps
 * @param warnings what makes the figures less than they seem
 */
public record Profile(
    Steps steps, Machine machine, List<Row> rows, Outside outside, List<String> warnings) {

  /** The name of the time of threads within shards that no layer has. */
  static final String BETWEEN_LAYERS = "between layers";

  /** The name of the time of threads that wait for others, or for the only one that works. */
  static final String IDLE = "idle";

  /**
   * Some steps.
   *
   * @param first the number of the first, as metrics.jsonl has it
   * @param last the number of the last
   * @param count how many
   * @param leftOut how many came before them, when code was not compiled yet
   * @param milliseconds of one, on average
   * @param tokens of one
   */
  public record Steps(
      long first, long last, int count, int leftOut, double milliseconds, long tokens) {}

  /**
   * A machine.
   *
   * @param threads that computed
   * @param peakGigaflops of all threads together; 0 if the recording does not say
   * @param kernels the name of the kernels; null if the recording does not say
   * @param processor its name; null if the recording does not say
   */
  public record Machine(int threads, double peakGigaflops, String kernels, String processor) {}

  /**
   * What happened beside steps.
   *
   * @param evaluations their number
   * @param evaluationMilliseconds the time of all of them
   * @param checkpoints their number
   * @param checkpointMilliseconds the time in which all of them were written, beside training
   */
  public record Outside(
      int evaluations,
      double evaluationMilliseconds,
      int checkpoints,
      double checkpointMilliseconds) {}

  /**
   * A part of the time.
   *
   * @param name a layer, a kernel, or what else takes time
   * @param direction of a layer; empty for anything else
   * @param kernel what took the time; empty if none did
   * @param nanoseconds of all threads
   * @param waited how many of them at barriers
   * @param flops floating-point operations of products
   * @param bytes read and written; not those of products
   */
  public record Row(
      String name,
      String direction,
      String kernel,
      long nanoseconds,
      long waited,
      long flops,
      long bytes) {

    private Row plus(Row other) {
      return new Row(
          name,
          direction,
          kernel,
          nanoseconds + other.nanoseconds,
          waited + other.waited,
          flops + other.flops,
          bytes + other.bytes);
    }

    Row named(String another) {
      return new Row(another, direction, kernel, nanoseconds, waited, flops, bytes);
    }

    /** Which part of this time was waiting at barriers. */
    public double waitingShare() {
      return nanoseconds == 0 ? 0 : (double) waited / nanoseconds;
    }

    private String key() {
      return name + '\n' + direction;
    }
  }

  /** The time of all threads in nanoseconds. */
  private double threadTime() {
    return steps.milliseconds() * 1e6 * steps.count() * machine.threads();
  }

  /** Which part of the steps' time a row is. */
  public double share(Row row) {
    return row.nanoseconds() / threadTime();
  }

  /** A row's part of the time of one step. */
  public double milliseconds(Row row) {
    return share(row) * steps.milliseconds();
  }

  /** 10<sup>9</sup> operations per second of all threads, were they all at this; 0 if none. */
  public double gigaflops(Row row) {
    return row.nanoseconds() == 0
        ? 0
        : (double) row.flops() * machine.threads() / row.nanoseconds();
  }

  /** 10<sup>9</sup> bytes per second of all threads, were they all at this; 0 if none. */
  public double gigabytes(Row row) {
    return row.nanoseconds() == 0
        ? 0
        : (double) row.bytes() * machine.threads() / row.nanoseconds();
  }

  /** The fraction of the peak that {@link #gigaflops} is; 0 if it is not known. */
  public double peakFraction(Row row) {
    return machine.peakGigaflops() > 0 ? gigaflops(row) / machine.peakGigaflops() : 0;
  }

  /** All rows together, without bytes: what takes most of the time counts none. */
  public Row total() {
    Row sum = new Row("step", "", "", 0, 0, 0, 0);
    for (Row row : rows) {
      sum = sum.plus(row);
    }
    return new Row(sum.name, "", "", sum.nanoseconds, sum.waited, sum.flops, 0);
  }

  /** How many tokens are trained on in a second of a step. */
  public double tokensPerSecond() {
    return steps.tokens() / steps.milliseconds() * 1e3;
  }

  /** Rows of like layers of all blocks as one, named {@code layers.*}; the longest first. */
  public List<Row> byKindOfLayer() {
    return grouped(row -> row.named(Block.withoutNumber(row.name())));
  }

  /** Each layer by itself, the longest first. */
  public List<Row> byLayer() {
    return grouped(row -> row);
  }

  /** Rows of one kernel as one, the longest first. */
  public List<Row> byKernel() {
    return grouped(
        row ->
            new Row(
                row.kernel().isEmpty() ? row.name() : row.kernel(),
                "",
                row.kernel(),
                row.nanoseconds(),
                row.waited(),
                row.flops(),
                row.bytes()));
  }

  private List<Row> grouped(UnaryOperator<Row> rename) {
    Map<String, Row> groups = new LinkedHashMap<>();
    for (Row row : rows) {
      Row renamed = rename.apply(row);
      groups.merge(renamed.key(), renamed, Row::plus);
    }
    List<Row> longestFirst = new ArrayList<>(groups.values());
    longestFirst.sort(Comparator.comparingLong(Row::nanoseconds).reversed());
    return longestFirst;
  }
}
