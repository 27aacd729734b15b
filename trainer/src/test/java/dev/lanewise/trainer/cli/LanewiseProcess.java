package dev.lanewise.trainer.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The command line in a JVM of its own, with the launcher's flags, so that a test can do to it what
 * an operating system may do. What it prints goes into a file.
 */
public final class LanewiseProcess implements AutoCloseable {

  private final Process process;
  private final Path output;

  private LanewiseProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /**
   * Starts a command.
   *
   * @param output where both of its streams go
   * @param jvmFlags besides the launcher's
   */
  public static LanewiseProcess start(Path output, List<String> jvmFlags, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JvmFlags.with(System.getProperty("os.name"), jvmFlags));
    command.addAll(List.of("-cp", classPath(), Main.class.getName()));
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new LanewiseProcess(process, output);
  }

  /** All that this test sees, wherever the build put it. */
  private static String classPath() {
    return Stream.of(System.getProperty("jdk.module.path"), System.getProperty("java.class.path"))
        .filter(path -> path != null && !path.isEmpty())
        .reduce((left, right) -> left + File.pathSeparator + right)
        .orElseThrow();
  }

  /** Sends a signal, such as {@code TERM}. */
  public void signal(String name) throws IOException, InterruptedException {
    String command = "kill -" + name + " " + process.pid();
    if (new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor() != 0) {
      throw new IOException(command + " failed");
    }
  }

  /** Ends the process at this instant, as {@code kill -9} does. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Whether the process has not ended. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for the end. */
  public int exitCode() throws InterruptedException {
    return process.waitFor();
  }

  /** Returns what has been printed so far. */
  public String output() throws IOException {
    return Files.readString(output);
  }

  /** Waits until a text has been printed. */
  public void awaitOutput(String text) throws IOException, InterruptedException {
    boolean alive = true;
    while (!output().contains(text)) {
      if (!alive) {
        throw new AssertionError("ended before \"" + text + "\" was printed:\n" + output());
      }
      alive = isAlive();
      Thread.sleep(5);
    }
  }

  /** Leaves no process behind when a test fails. */
  @Override
  public void close() {
    kill();
  }
}
