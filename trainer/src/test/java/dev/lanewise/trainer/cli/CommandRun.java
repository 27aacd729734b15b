package dev.lanewise.trainer.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

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
}
