package dev.lanewise.trainer.cli.jvm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A process that has come to its end, and what it printed to its standard output.
 *
 * @param output in UTF-8
 */
public record EndedProcess(int exitCode, String output) {
  private static final Duration LONGEST = Duration.ofMinutes(3);

  /**
   * Waits for the end of a process that ends by itself. One that hangs is killed, with what it has
   * started, so that it does not stop the build.
   *
   * @throws AssertionError if it had to be killed
   */
  public static EndedProcess of(Process process) throws IOException, InterruptedException {
    return of(process, LONGEST);
  }

  static EndedProcess of(Process process, Duration longest)
      throws IOException, InterruptedException {
    Executor afterwards =
        CompletableFuture.delayedExecutor(longest.toMillis(), TimeUnit.MILLISECONDS);
    // set before the killing begins: the process ends in the midst of it
    AtomicBoolean late = new AtomicBoolean();
    CompletableFuture<Void> limit =
        CompletableFuture.runAsync(
            () -> {
              late.set(true);
              kill(process);
            },
            afterwards);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int exitCode = process.waitFor();
    limit.cancel(false);
    if (late.get()) {
      throw new AssertionError("killed, as it did not end within " + longest + ":\n" + output);
    }
    return new EndedProcess(exitCode, output);
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
