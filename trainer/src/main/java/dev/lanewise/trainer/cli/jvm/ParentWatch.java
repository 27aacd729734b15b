package dev.lanewise.trainer.cli.jvm;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import sun.misc.Signal;

/**
 * Ends a JVM that {@link Relaunch} started when its parent is gone, which a KILL does not let the
 * parent do: as TERM does it, so a training saves first. The parent is asked for once a second, a
 * system call; a pipe from the parent would have to take the place of a stream that the user may
 * need.
 */
public final class ParentWatch implements Runnable {
  /** The process id of the JVM that this one has to end with. */
  static final String PARENT = "lanewise.parent";

  private final long parent;

  private ParentWatch(long parent) {
    this.parent = parent;
  }

  /** Begins to watch, if this JVM has such a parent. */
  public static void begin() {
    Long parent = Long.getLong(PARENT);
    if (parent != null) {
      Thread.ofPlatform().daemon().name("parent watch").start(new ParentWatch(parent));
    }
  }

  @Override
  public void run() {
    try {
      while (Optional.of(parent).equals(ProcessHandle.current().parent().map(ProcessHandle::pid))) {
        TimeUnit.SECONDS.sleep(1);
      }
      Signal.raise(new Signal("TERM"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
