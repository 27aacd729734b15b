package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.cli.jvm.Relaunch;

/**
 * Where the JVM enters. Runs the command line, in a new JVM if this one was started without the
 * flags that the kernels need. Knows nothing about the commands.
 */
public final class Main {
  private Main() {}

  /**
   * Runs {@code lanewise} and exits with its exit code.
   *
   * @param args the command and its options, as typed
   */
  public static void main(String[] args) {
    int exitCode =
        Relaunch.isNeeded() ? Relaunch.of(Main.class).run(args) : LanewiseCommand.execute(args);
    System.exit(exitCode);
  }
}
