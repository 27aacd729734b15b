package dev.lanewise.trainer.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.lanewise.trainer.cli.jvm.Cores;
import dev.lanewise.trainer.settings.InvalidConfigException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands share: where they print, how they log, how they fail. */
@Command(
    mixinStandardHelpOptions = true,
    sortOptions = false,
    abbreviateSynopsis = true,
    optionListHeading = "%nOptions:%n")
abstract class Subcommand implements Callable<Integer> {

  private static final int MOST_THREADS = 4096;

  @Spec private CommandSpec spec;

  @Option(names = "--verbose", description = "tell more about what goes on", order = 900)
  private boolean verbose;

  @Option(names = "--debug", description = "show where in the program an error is", order = 901)
  private boolean debug;

  /** Does the work and returns the exit code. */
  abstract int run() throws IOException;

  /** Adds options that no annotation describes. */
  void addOptions(CommandSpec spec) {
    // Most commands have none.
  }

  @Override
  public final Integer call() {
    boolean tellsMore = verbose || debug;
    if (tellsMore) {
      log(debug ? Level.DEBUG : Level.INFO);
    }
    try {
      return run();
    } catch (ParameterException e) {
      throw e;
    } catch (IOException
        | RuntimeException
        | OutOfMemoryError
        | ExceptionInInitializerError failure) {
      int exitCode =
          Failure.isWrongCall(failure) ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
      failed(Failure.explain(spec.name(), failure), exitCode);
      if (debug) {
        failure.printStackTrace(err());
      }
      return exitCode;
    } finally {
      if (tellsMore) {
        log(Level.WARN);
      }
    }
  }

  /** Not called without need: to make the first logger takes a good part of a start. */
  private static void log(Level from) {
    if (LoggerFactory.getLogger("dev.lanewise") instanceof Logger logger) {
      logger.setLevel(from);
    }
  }

  /** Tells why the command came to nothing. */
  void failed(String message, int exitCode) {
    out().flush();
    err().println("lanewise " + spec.name() + ": " + message);
  }

  final CommandSpec spec() {
    return spec;
  }

  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  final PrintWriter err() {
    return spec.commandLine().getErr();
  }

  final ParameterException wrongCall(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /**
   * Tells of everything that is wrong with a call at once.
   *
   * @throws InvalidConfigException if there is anything
   */
  static void requireNone(List<String> problems) {
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(problems);
    }
  }

  /** What is wrong with {@code --threads}, if anything. */
  static List<String> threadProblems(Integer threads) {
    return threads == null || (threads >= 1 && threads <= MOST_THREADS)
        ? List.of()
        : List.of("--threads " + threads + " has to be from 1 to " + MOST_THREADS);
  }

  /** The threads to use: as many as there are physical cores if the user does not say. */
  static int requireThreads(Integer threads) {
    requireNone(threadProblems(threads));
    return threads == null ? Cores.physical() : threads;
  }
}
