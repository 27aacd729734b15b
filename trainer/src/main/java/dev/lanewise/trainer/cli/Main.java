package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.cli.jvm.Arguments;
import dev.lanewise.trainer.cli.jvm.ParentWatch;
import dev.lanewise.trainer.cli.jvm.Relaunch;
import java.nio.charset.CharacterCodingException;

/**
 * Where the JVM enters. Runs the command line, in a new JVM if this one was started without the
 * flags that the kernels need. Knows nothing about the commands.
 */
public final class Main {
  private Main() {}

  /** Below it a JVM ends in an error of its own, wherever it happens to be; half of it was seen. */
  private static final long LEAST_HEAP = 12L << 20;

  /**
   * Runs {@code lanewise} and exits with its exit code.
   *
   * @param args the command and its options, as typed
   */
  public static void main(String[] args) {
    System.exit(exitCode(args));
  }

  private static int exitCode(String... args) {
    if (Runtime.getRuntime().maxMemory() < LEAST_HEAP) {
      return tooSmall();
    }
    try {
      String[] typed = Arguments.asTyped(args);
      if (Relaunch.isNeeded()) {
        return Relaunch.of(Main.class).run(typed);
      }
      ParentWatch.begin();
      return LanewiseCommand.execute(typed);
    } catch (CharacterCodingException e) {
      System.err.println("An argument is not UTF-8.");
      return 2;
    } catch (OutOfMemoryError e) {
      // Commands say more about what they need. Here not even they could be loaded.
      return tooSmall();
    }
  }

  /** With so little nothing may be computed for a message. */
  private static int tooSmall() {
    System.err.println(
        "The heap is too small to start Lanewise: leave out -Xmx, or allow -Xmx512m at least"
            + " (in LANEWISE_JAVA_OPTS, JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS or the command).");
    return 1;
  }
}
