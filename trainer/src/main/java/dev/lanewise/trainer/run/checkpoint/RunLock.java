package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.StorageProblem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a second trainer out of a run folder. The operating system holds the lock and lets go of it
 * when the process ends in whatever way, so a lock is never stale; the file stays behind and means
 * nothing.
 */
public final class RunLock implements AutoCloseable {

  /** The name of the locked file in the run folder. */
  static final String FILE = "run.lock";

  /** Beyond the text, so that a system with mandatory locks lets others read who the owner is. */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private static final int MAX_OWNER_BYTES = 512;

  /**
   * The folders that this process has locked. Where locks are POSIX's, closing any channel of a
   * file gives up all locks that the process has on it, so such a file must not even be opened.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path run;
  private final Path held;
  private final FileChannel channel;

  /** Null where the file system has no locks. */
  private final FileLock lock;

  private final Object key;

  private RunLock(Path run, Path held, FileChannel channel, FileLock lock, Object key) {
    this.key = key;
    this.run = run;
    this.held = held;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Locks a run folder, which is created if need be.
   *
   * @throws RunLockedException if another trainer has it
   * @throws IOException if the folder cannot be written to; the message says what to do
   */
  public static RunLock acquire(Path run) throws IOException {
    return acquire(run, true);
  }

  /**
   * As {@link #acquire(Path)}, for a file system without locks: another process is not kept out,
   * only a second run of this one.
   */
  public static RunLock acquireWithoutLock(Path run) throws IOException {
    return acquire(run, false);
  }

  private static RunLock acquire(Path run, boolean locks) throws IOException {
    Path held;
    try {
      DurableFiles.createFolders(run);
      held = run.toRealPath();
    } catch (IOException | RuntimeException e) {
      throw unusable(run, e);
    }
    if (!HELD.add(held)) {
      throw inUse(run, describeThisProcess());
    }
    try {
      return acquire(run, held, locks);
    } catch (IOException | RuntimeException e) {
      HELD.remove(held);
      throw e;
    }
  }

  private static RunLock acquire(Path run, Path held, boolean locks) throws IOException {
    Path file = file(run);
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException | RuntimeException e) {
      throw unusable(file, e);
    }
    boolean locked = false;
    try {
      FileLock lock = locks ? tryLock(channel) : null;
      if (locks && lock == null) {
        throw inUse(run, readOwner(channel));
      }
      writeOwner(channel);
      RunLock acquired = new RunLock(run, held, channel, lock, key(run));
      locked = true;
      return acquired;
    } catch (RunLockedException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "the run folder cannot be locked: "
              + StorageProblem.describe(file, e)
              + "; on a file system without locks (some of NFS and FUSE) --no-lock goes without",
          e);
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  private static IOException unusable(Path path, Exception problem) {
    return new IOException(
        "the run folder cannot be used: " + StorageProblem.describe(path, problem), problem);
  }

  private static RunLockedException inUse(Path run, String owner) {
    return new RunLockedException(
        "%s is in use by another trainer (%s); wait until it ends, end it, or choose another folder with --out"
            .formatted(run, owner));
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(LOCKED_BYTE, 1, false);
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void writeOwner(FileChannel channel) throws IOException {
    String owner =
        "%s, since %s%n"
            .formatted(describeThisProcess(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
    ByteBuffer bytes = ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8));
    channel.truncate(0);
    while (bytes.hasRemaining()) {
      channel.write(bytes, bytes.position());
    }
  }

  private static String describeThisProcess() {
    return "pid %d on %s".formatted(ProcessHandle.current().pid(), hostName());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "an unnamed host";
    }
  }

  private static String readOwner(FileChannel channel) {
    ByteBuffer bytes = ByteBuffer.allocate(MAX_OWNER_BYTES);
    try {
      channel.read(bytes, 0);
    } catch (IOException e) {
      return "unknown: " + e.getMessage();
    }
    String owner =
        new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
            .replaceAll("[^\\x20-\\x7E]", " ")
            .strip();
    return owner.isEmpty() ? "unknown" : owner;
  }

  /** Returns the folder that is locked. */
  public Path run() {
    return run;
  }

  /** What a file system calls a folder wherever it is moved; null where it has no such name. */
  private static Object key(Path folder) throws IOException {
    return Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
  }

  /**
   * Requires that the run folder is the one that was locked, before something is written by its
   * name.
   *
   * @throws IOException if it was moved or deleted, or another one is in its place
   */
  public void requireInPlace() throws IOException {
    if (!isHeld()) {
      throw new IOException("the lock of the run folder was given up");
    }
    Object now;
    try {
      now = key(run);
    } catch (IOException e) {
      throw new IOException(StorageProblem.describe(run, e), e);
    }
    if (!Objects.equals(now, key)) {
      throw new IOException(
          run
              + ": another folder has taken the place of the run's own, which was moved or deleted;"
              + " a run keeps to its folder, so it ends here");
    }
  }

  /** Whether a run was ever begun in a folder: the file of the lock stays behind. */
  public static boolean wasIn(Path run) {
    return Files.isRegularFile(file(run));
  }

  /** Returns the file in a run folder that is locked. */
  public static Path file(Path run) {
    return run.resolve(FILE);
  }

  /** Whether the lock is held. */
  public boolean isHeld() {
    return lock == null ? channel.isOpen() : lock.isValid();
  }

  /** Lets others in. */
  @Override
  public void close() throws IOException {
    if (isHeld()) {
      try {
        channel.close();
      } finally {
        HELD.remove(held);
      }
    }
  }
}
