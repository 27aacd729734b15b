package dev.lanewise.trainer.run.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A disk that refuses what it is told to refuse, as a java.nio file system over a real folder: it
 * sees every write, fsync, rename, deletion and new folder, whoever asks for it.
 */
public final class FailingDisk {

  /** Makes the exception that a file system would throw about a path. */
  @FunctionalInterface
  public interface Failure {
    IOException about(String path);
  }

  /** Sees an operation before it takes place. */
  @FunctionalInterface
  public interface Watcher {
    void before(String operation) throws IOException;
  }

  private final FailingFileSystem fileSystem = new FailingFileSystem(this);
  private final List<String> operations = new ArrayList<>();
  private int failFrom = Integer.MAX_VALUE;
  private int failTo = Integer.MAX_VALUE;
  private Failure failure;
  private volatile Watcher watcher = operation -> {};
  private volatile boolean locks = true;

  /** A disk that works until told otherwise. */
  public FailingDisk() {}

  /** The path as this disk shows it. */
  public Path path(Path real) {
    return new FailingPath(fileSystem, real);
  }

  /** Refuses one operation, counted from 0 and from now. */
  public synchronized void failOnce(int index, Failure with) {
    failFrom(index, with);
    failTo = index + 1;
  }

  /** Refuses an operation and all after it, as if the process had been killed there. */
  public synchronized void failFrom(int index, Failure with) {
    operations.clear();
    failFrom = index;
    failTo = Integer.MAX_VALUE;
    failure = with;
  }

  /** Works from now on, and forgets what it has seen. */
  public void repair() {
    failFrom(Integer.MAX_VALUE, null);
  }

  /** Has no locks from now on, as some network file systems. */
  public void forgetLocks() {
    locks = false;
  }

  /** Called by the file system before it locks. */
  void beforeLock() throws IOException {
    if (!locks) {
      throw new IOException("Function not implemented");
    }
  }

  public void watch(Watcher with) {
    watcher = with;
  }

  /** What has been asked for since the last change: "write model.safetensors" and so on. */
  public synchronized List<String> operations() {
    return List.copyOf(operations);
  }

  /** Called by the file system before each operation that changes something. */
  void before(String operation, Path real) throws IOException {
    watcher.before(operation + " " + real.getFileName());
    synchronized (this) {
      int index = operations.size();
      operations.add(operation + " " + real.getFileName());
      if (index >= failFrom && index < failTo) {
        throw failure.about(real.toString());
      }
    }
  }
}
