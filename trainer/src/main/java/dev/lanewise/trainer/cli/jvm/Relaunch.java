package dev.lanewise.trainer.cli.jvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import sun.misc.Signal;

/**
 * Starts a main class again in a second JVM, with the flags of {@link JvmFlags}. To the outside the
 * two look like one process: same streams, same exit code, signals reach the second, and the second
 * ends with the first ({@link ParentWatch}).
 */
public final class Relaunch {
  /** Long enough for a JVM to act on INT, and much less than StopSignals takes for one signal. */
  private static final long INTERRUPT_MILLIS = 300;

  private final String mainClass;

  private Relaunch(String mainClass) {
    this.mainClass = mainClass;
  }

  /** Whether this JVM runs without the Vector API. */
  public static boolean isNeeded() {
    return ModuleLayer.boot().findModule(JvmFlags.VECTOR_MODULE).isEmpty();
  }

  public static Relaunch of(Class<?> mainClass) {
    return new Relaunch(mainClass.getName());
  }

  /**
   * Runs the main class in a second JVM and waits for its end.
   *
   * @return the exit code of the second JVM
   */
  public int run(String... args) {
    if (ModuleFinder.ofSystem().find(JvmFlags.VECTOR_MODULE).isEmpty()) {
      System.err.printf(
          "The Java at %s lacks the module %s (is it a trimmed runtime image?).%n"
              + "Use a complete JDK, 25 or newer: set JAVA_HOME to it, or start its bin/java.%n",
          System.getProperty("java.home"), JvmFlags.VECTOR_MODULE);
      return 1;
    }
    stopOwnRecordings();
    try {
      CompletableFuture<Process> starting = new CompletableFuture<>();
      // Before the start: a signal in between would end this JVM and leave the second alone.
      forwardSignals(starting);
      ProcessBuilder builder = new ProcessBuilder(command(args)).inheritIO();
      if (!Arguments.localeCharset().equals(StandardCharsets.UTF_8)) {
        // For the names of files. A system without this locale keeps the one it has; Windows and
        // macOS do not look at it.
        builder.environment().put("LC_ALL", "C.UTF-8");
      }
      Process second = builder.start();
      starting.complete(second);
      return second.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot start a second JVM", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  /** The second JVM's command line: this JVM's binary, our flags, the user's flags, the program. */
  List<String> command(String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        JvmFlags.with(
            System.getProperty("os.name"),
            ManagementFactory.getRuntimeMXBean().getInputArguments()));
    // As the jar's manifest has it, which a class path leaves out of account.
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-D" + ParentWatch.PARENT + "=" + ProcessHandle.current().pid());
    boolean asTheyAre = Arguments.canBePassedOn(args);
    if (!asTheyAre) {
      command.add("-D" + Arguments.ESCAPED + "=true");
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(mainClass);
    command.addAll(asTheyAre ? List.of(args) : Arguments.escaped(args));
    return command;
  }

  /**
   * This JVM never dies of a signal, so that it can return the second's exit code. TERM and HUP are
   * passed on. A terminal sends Ctrl-C to both JVMs and {@code kill -INT} to this one alone: after
   * a moment the second gets TERM, unless INT has ended it. {@link StopSignals} takes a signal that
   * comes both ways for one.
   */
  private static void forwardSignals(CompletableFuture<Process> second) {
    Runnable terminate = () -> second.join().destroy();
    Executor soon =
        CompletableFuture.delayedExecutor(INTERRUPT_MILLIS, TimeUnit.MILLISECONDS, Runnable::run);
    onSignal("INT", () -> soon.execute(terminate));
    onSignal("TERM", terminate);
    onSignal("HUP", terminate);
  }

  private static void onSignal(String name, Runnable action) {
    try {
      Signal.handle(new Signal(name), signal -> action.run());
    } catch (IllegalArgumentException e) {
      // This system has no such signal, or the user keeps signals from the JVM (-Xrs). Not SLF4J:
      // the libraries would be loaded twice, in a JVM that does nothing but wait.
      System.getLogger(Relaunch.class.getName()).log(System.Logger.Level.DEBUG, name, e);
    }
  }

  /** A recording asked for on the command line belongs to the second JVM: both write one file. */
  private static void stopOwnRecordings() {
    if (FlightRecorder.isInitialized()) {
      FlightRecorder.getFlightRecorder().getRecordings().forEach(Recording::close);
    }
  }
}
