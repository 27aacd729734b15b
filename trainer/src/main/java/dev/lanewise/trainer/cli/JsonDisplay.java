package dev.lanewise.trainer.cli;

import dev.lanewise.model.io.JsonText;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.run.RunFacts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * Tells scripts: an object on each line, in ASCII, whatever the encoding of the output. A phase is
 * told of at its begin, at its end, and once a second.
 */
final class JsonDisplay extends Display {

  private static final long NANOS_BETWEEN = 1_000_000_000L;
  private static final int LAST_ASCII = 0x7f;

  private final PrintWriter out;
  private final boolean quiet;
  private final LongSupplier nanoTime;
  private final Pace phases = new Pace();
  private final Pace training = new Pace();
  private long told;
  private RunFacts facts;

  /**
   * Makes a display.
   *
   * @param quiet whether only the result, and what is wrong, is told
   * @param nanoTime the clock, see {@link System#nanoTime}
   */
  JsonDisplay(PrintWriter out, boolean quiet, LongSupplier nanoTime) {
    this.out = out;
    this.quiet = quiet;
    this.nanoTime = nanoTime;
  }

  /** Tells of an error, be it that a command was wrongly called. */
  static void error(PrintWriter out, String command, String message, int exitCode) {
    print(
        out,
        "error",
        json -> {
          json.writeStringField("command", command);
          json.writeStringField("message", message);
          json.writeNumberField("exit_code", exitCode);
        });
  }

  private static void print(PrintWriter out, String type, JsonText.Fields fields) {
    byte[] line =
        JsonText.compact(
            json -> {
              json.setHighestNonEscapedChar(LAST_ASCII);
              json.writeStringField("type", type);
              fields.write(json);
            });
    // At once, because a signal tells on a thread of its own.
    out.write(new String(line, StandardCharsets.US_ASCII) + "\n");
    out.flush();
  }

  private void print(String type, JsonText.Fields fields) {
    print(out, type, fields);
  }

  @Override
  void tell(Message message) {
    if (!quiet) {
      print(message.type(), message::write);
    }
  }

  @Override
  void note(String message) {
    print("note", json -> json.writeStringField("message", message));
  }

  @Override
  void warning(String message) {
    print("warning", json -> json.writeStringField("message", message));
  }

  @Override
  public void at(Phase phase, long done, long total) {
    tell(phases, phase, done, total);
  }

  private void tell(Pace pace, Phase phase, long done, long total) {
    long now = nanoTime.getAsLong();
    pace.at(phase, done, total, now);
    if (pace.begins() || pace.ends() || now - told >= NANOS_BETWEEN) {
      tell(pace.standing());
      told = now;
    }
  }

  @Override
  void begin(RunFacts runFacts) {
    facts = runFacts;
    tell(training, Phase.TRAINING, facts.firstStep(), facts.steps());
  }

  @Override
  void step(StepMetrics metrics) {
    if (!quiet) {
      print(
          "step",
          json -> {
            json.writeNumberField("step", metrics.step());
            Message.number(json, "loss", metrics.loss());
            Message.number(json, "lr", metrics.learningRate());
            Message.number(json, "grad_norm", metrics.gradientNorm());
            Message.number(json, "ms", metrics.milliseconds());
            Message.number(json, "tokens_per_s", metrics.tokensPerSecond());
            if (metrics.counted() != metrics.tokens()) {
              json.writeNumberField("tokens", metrics.tokens());
              json.writeNumberField("counted", metrics.counted());
            }
            Message.number(json, "gflops", metrics.gigaflops());
            Message.number(json, "peak_fraction", metrics.gigaflops() / facts.peakGigaflops());
          });
    }
    tell(training, Phase.TRAINING, metrics.step() + 1, facts.steps());
  }

  @Override
  void piece(String text) {
    if (!quiet) {
      print("piece", json -> json.writeStringField("text", text));
    }
  }

  @Override
  void result(Message message) {
    print(message.type(), message::write);
  }

  @Override
  void error(String command, String message, int exitCode) {
    error(out, command, message, exitCode);
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
