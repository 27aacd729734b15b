package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.generate.Generator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * How fast one text was written, or several side by side.
 *
 * @param promptTokens that it went on from
 * @param firstSeconds from the prompt to the first piece of text
 * @param texts how many
 * @param tokens written of all of them
 * @param restSeconds from the first piece to the end
 */
record GenerationSpeed(
    int promptTokens, double firstSeconds, int texts, int tokens, double restSeconds)
    implements Message {

  private static final double NANOS = 1e9;

  /** What measures it: from when it is made until it is asked. */
  static final class Clock {

    private final long begin = System.nanoTime();
    private long first;

    /** Notes that a piece of text has come. */
    void piece() {
      if (first == 0) {
        first = System.nanoTime() - begin;
      }
    }

    /** Returns the speed of what has been written, a result for each text. */
    GenerationSpeed speed(List<Generator.Result> results) {
      long nanos = System.nanoTime() - begin;
      // Nothing may have been written: then there is no first piece.
      long beforeFirst = first == 0 ? nanos : first;
      return new GenerationSpeed(
          results.getFirst().promptTokens(),
          beforeFirst / NANOS,
          results.size(),
          results.stream().mapToInt(Generator.Result::tokens).sum(),
          (nanos - beforeFirst) / NANOS);
    }
  }

  @Override
  public String type() {
    return "speed";
  }

  /** Returns whether anything was written. */
  boolean isAny() {
    return tokens > 0;
  }

  /** The first token of each text comes with the first piece; NaN if nothing comes behind it. */
  private double tokensPerSecond() {
    return tokens > texts ? (tokens - texts) / restSeconds : Double.NaN;
  }

  @Override
  public String text() {
    String first = "%.2f s to the first token after %s of the prompt";
    String rest = Double.isFinite(tokensPerSecond()) ? ", then %.0f tokens/s" : "";
    String all = texts > 1 ? " of all texts together" : "";
    return String.format(
        Locale.ROOT,
        first + rest + (rest.isEmpty() ? "" : all),
        firstSeconds,
        Counted.grouped(promptTokens, "token"),
        tokensPerSecond());
  }

  @Override
  public void write(JsonGenerator json) throws IOException {
    Message.number(json, "first_seconds", firstSeconds);
    Message.number(json, "tokens_per_s", tokensPerSecond());
  }
}
