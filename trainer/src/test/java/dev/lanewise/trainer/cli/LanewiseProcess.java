package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.cli.jvm.ChildJvm;
import dev.lanewise.trainer.cli.jvm.JvmFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
    return startIn(Path.of("").toAbsolutePath(), output, jvmFlags, arguments);
  }

  /** As {@link #start}, in a folder of its own. */
  static LanewiseProcess startIn(
      Path directory, Path output, List<String> jvmFlags, List<String> arguments)
      throws IOException {
    List<String> flags = JvmFlags.with(System.getProperty("os.name"), jvmFlags);
    List<String> command = ChildJvm.command(flags, Main.class, arguments);
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    return new LanewiseProcess(process, output);
  }

  /** Sends a signal, such as {@code TERM}. */
  public void signal(String name) throws IOException, InterruptedException {
    ChildJvm.signal(name, process.pid());
  }

  /** Sends TERM, unless the process has ended. */
  public void terminate() {
    // Process.destroy would close the streams too.
    process.toHandle().destroy();
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
