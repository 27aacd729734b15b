package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Compares files of a checkpoint with their SHA-256 on a thread of its own, beside what is done
 * with them meanwhile: a digest is made of one byte after another, and takes as long as all the
 * rest. Nothing that was read of them counts before {@link #require}.
 */
public final class BackgroundCheck {

  private static final long POLL_MILLIS = 50;

  private final long total;
  private final AtomicLong done = new AtomicLong();
  private final FutureTask<Void> task;

  private BackgroundCheck(Manifest manifest, Path folder, List<String> names) {
    this.total = manifest.bytes(names);
    this.task =
        new FutureTask<>(
            () -> {
              for (String name : names) {
                manifest.verify(folder, name, done::addAndGet);
              }
              // What has just been found sound says which files it goes with.
              if (names.contains(ModelFolder.WEIGHTS)) {
                manifest.requireListed(folder, ModelFolder.weightFiles(folder));
              }
              return null;
            });
  }

  /** Begins. */
  static BackgroundCheck begin(Manifest manifest, Path folder, List<String> names) {
    BackgroundCheck check = new BackgroundCheck(manifest, folder, names);
    // What ends the program need not wait for it.
    Thread.ofPlatform().daemon().name("lanewise-check").start(check.task);
    return check;
  }

  /**
   * Waits until the files have been read.
   *
   * @param progress of what is left to do
   * @throws InvalidFileException if one is not as it was written
   */
  public void require(Progress progress) throws IOException {
    Tally tally = progress.begin(Phase.CHECKING, total);
    long told = 0;
    while (!isDone()) {
      long now = done.get();
      tally.accept(now - told);
      told = now;
    }
    tally.end();
  }

  /** Returns whether a file was found not to be as it was written. */
  public boolean hasFailed() {
    return task.state() == Future.State.FAILED;
  }

  /** Nobody is going to require it. */
  void cancel() {
    task.cancel(true);
  }

  private boolean isDone() throws IOException {
    try {
      task.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException problem) {
        throw problem;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while files were checked");
    }
  }
}
