package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.SmallSettings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;

/** What a command printed and returned. */
public record CommandRun(int exitCode, String out, String err) {

  public static CommandRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = LanewiseCommand.execute(new PrintWriter(out), new PrintWriter(err), args);
    return new CommandRun(exitCode, out.toString(), err.toString());
  }

  /** As {@link #of}, with the arguments in one line. */
  static CommandRun line(String line) {
    return of(line.split(" "));
  }

  /** Trains a small model, as {@link SmallSettings#trainCommand} says. */
  static CommandRun train(Path text, Path run, String... more) {
    return of(SmallSettings.trainCommand(text, run, more).toArray(String[]::new));
  }

  /** Goes on with a model, as {@link SmallSettings#trainFromCommand} says. */
  public static CommandRun trainFrom(Path model, Path text, Path run, String... more) {
    List<String> arguments = SmallSettings.trainFromCommand(model, text, run, more);
    return of(arguments.toArray(String[]::new));
  }

  public CommandRun requireSuccess() {
    assertThat(exitCode).as(err).isZero();
    return this;
  }
}
