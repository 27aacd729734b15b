package dev.lanewise.trainer.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.PrintWriter;
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
    Level level = debug ? Level.DEBUG : verbose ? Level.INFO : Level.WARN;
    if (LoggerFactory.getLogger("dev.lanewise") instanceof Logger logger) {
      logger.setLevel(level);
    }
    try {
      return run();
    } catch (ParameterException e) {
      throw e;
    } catch (IOException
        | RuntimeException
        | OutOfMemoryError
        | ExceptionInInitializerError failure) {
      out().flush();
      err().println("lanewise " + spec.name() + ": " + Failure.explain(failure));
      if (debug) {
        failure.printStackTrace(err());
      }
      return Failure.isWrongCall(failure)
          ? CommandLine.ExitCode.USAGE
          : CommandLine.ExitCode.SOFTWARE;
    }
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

  final int requireThreads(Integer threads) {
    if (threads == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (threads < 1 || threads > 4096) {
      throw wrongCall("--threads " + threads + " has to be from 1 to 4096");
    }
    return threads;
  }
}
