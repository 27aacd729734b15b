package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.profile.CheckpointEvent;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.StorageProblem;
import dev.lanewise.trainer.progress.LateLogger;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;

/**
 * Writes the checkpoints of a locked run folder and removes old ones. A checkpoint is written
 * beside its place, forced to the disk, and renamed, so that at any instant a folder of that name
 * is either whole or not there.
 */
public final class CheckpointStore {

  /**
   * Bytes of a table's rows, without what the optimizer remembers of them, from which on it pays
   * not to write it anew for each checkpoint. Smaller ones are written in a moment, and stay a part
   * of the one file of the model.
   */
  public static final long LARGE_TABLE_BYTES = 1L << 27;

  private static final LateLogger LOG = new LateLogger(CheckpointStore.class);

  private final RunLock lock;
  private final int keep;
  private final CheckpointCatalog catalog;

  private final long leastTableBytes;

  /** Of the last checkpoint that was written, or that the run goes on from. */
  private TableBases bases = TableBases.NONE;

  /** Whether it has been told that old checkpoints cannot be removed, which will not change. */
  private boolean toldOfOld;

  private CheckpointStore(RunLock lock, int keep, long leastTableBytes) {
    this.lock = lock;
    this.keep = keep;
    this.leastTableBytes = leastTableBytes;
    this.catalog = new CheckpointCatalog(lock.run());
  }

  /**
   * Opens the store of a run and clears away what a killed trainer has left half done.
   *
   * @param lock held for as long as the store is used
   * @param keep how many of the newest checkpoints are kept besides the best; at least 1
   * @throws IOException if the folder cannot be written to; the message says what to do
   */
  public static CheckpointStore open(RunLock lock, int keep) throws IOException {
    return open(lock, keep, LARGE_TABLE_BYTES);
  }

  /**
   * As {@link #open(RunLock, int)}.
   *
   * @param leastTableBytes of a table that is trained by row, from which on it is not written anew
   *     for each checkpoint; {@link #LARGE_TABLE_BYTES} unless for a test
   */
  public static CheckpointStore open(RunLock lock, int keep, long leastTableBytes)
      throws IOException {
    if (keep < 1) {
      throw new IllegalArgumentException("at least 1 checkpoint has to be kept, not " + keep);
    }
    CheckpointStore store = new CheckpointStore(lock, keep, leastTableBytes);
    Path folder = store.catalog.folder();
    try {
      Files.createDirectories(folder);
      DurableFiles.forceFolder(lock.run());
      store.clearLeftovers();
    } catch (IOException | RuntimeException e) {
      throw new IOException(
          "checkpoints cannot be written: " + StorageProblem.describe(folder, e), e);
    }
    return store;
  }

  /**
   * Waits until the names in the run folder are on the disk: what training has just created there,
   * such as its settings and its log, must not be lost when a checkpoint is not.
   *
   * @throws IOException if that fails; the message says what to do
   */
  public void forceRunFolder() throws IOException {
    try {
      lock.requireInPlace();
      DurableFiles.forceFolder(lock.run());
    } catch (IOException e) {
      throw StorageProblem.explain(lock.run(), e);
    }
  }

  /**
   * Says that the run goes on from a checkpoint of it, so that the next one need not write what has
   * not changed since. Called before the first {@link #save}.
   */
  public void continueFrom(Checkpoint checkpoint) {
    bases = checkpoint.bases();
  }

  /** Returns what there is to read. */
  public CheckpointCatalog catalog() {
    return catalog;
  }

  private void clearLeftovers() throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(catalog.folder())) {
      stream.forEach(entries::add);
    }
    for (Path entry : entries) {
      String name = entry.getFileName().toString();
      OptionalLong replaced = StepName.step(StepName.REPLACED, name);
      if (replaced.isPresent() && !Files.exists(placeOf(replaced.getAsLong()))) {
        LOG.info("{} goes back to its place: a trainer was ended while it replaced it", entry);
        Files.move(entry, placeOf(replaced.getAsLong()), StandardCopyOption.ATOMIC_MOVE);
      } else if (replaced.isPresent()
          || StepName.step(StepName.WRITING, name).isPresent()
          || StepName.step(StepName.REMOVING, name).isPresent()) {
        LOG.info("removing {}, left behind by a trainer that was ended", entry);
        removeLeftover(entry);
      }
    }
  }

  /** What cannot be removed is in nobody's way, unless its very step is written once more. */
  private static void removeLeftover(Path entry) {
    try {
      DurableFiles.deleteTree(entry);
    } catch (IOException | RuntimeException e) {
      LOG.warn("it stays behind: {}", StorageProblem.describe(entry, e));
    }
  }

  private Path placeOf(long step) {
    return catalog.folder().resolve(StepName.of(step));
  }

  private Path placeOf(String prefix, long step) {
    return catalog.folder().resolve(prefix + StepName.of(step));
  }

  /**
   * Writes a checkpoint, then removes those that need not be kept. One of the same step is
   * replaced.
   *
   * @return its folder
   * @throws CheckpointWriteException if it could not be written; the others are as they were
   */
  public Path save(Snapshot snapshot) throws CheckpointWriteException {
    CheckpointEvent event = CheckpointEvent.start();
    long step = snapshot.state().step();
    Path place = placeOf(step);
    Path work = placeOf(StepName.WRITING, step);
    try {
      lock.requireInPlace();
      makeFolder();
      DurableFiles.deleteTree(work);
      TableBases written = CheckpointWriter.write(work, snapshot, leastTableBytes, bases);
      lock.requireInPlace();
      publish(work, place, step);
      DurableFiles.forceFolder(catalog.folder());
      bases = written.in(place);
    } catch (IOException | RuntimeException e) {
      discard(work);
      throw new CheckpointWriteException(
          step,
          "the checkpoint of step %d could not be written: %s"
              .formatted(step, StorageProblem.describe(work, e)),
          e);
    }
    CheckpointEvent.end(event, step, place.toString());
    removeOld(snapshot.state());
    return place;
  }

  /** A user who deletes the checkpoints wants room on the disk, not the end of the run. */
  private void makeFolder() throws IOException {
    if (!Files.isDirectory(catalog.folder())) {
      Files.createDirectory(catalog.folder());
      DurableFiles.forceFolder(lock.run());
    }
  }

  private void publish(Path work, Path place, long step) throws IOException {
    if (!Files.exists(place)) {
      Files.move(work, place, StandardCopyOption.ATOMIC_MOVE);
      return;
    }
    Path replaced = placeOf(StepName.REPLACED, step);
    DurableFiles.deleteTree(replaced);
    Files.move(place, replaced, StandardCopyOption.ATOMIC_MOVE);
    try {
      Files.move(work, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException e) {
      // Where this fails too, the next start does it.
      try {
        Files.move(replaced, place, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException | RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    DurableFiles.forceFolder(catalog.folder());
    // The new one is in its place: that the former one stays is no failure of the save.
    removeLeftover(replaced);
  }

  private static void discard(Path work) {
    try {
      DurableFiles.deleteTree(work);
    } catch (IOException | RuntimeException e) {
      LOG.debug("{} stays behind until the next start: {}", work, e.toString());
    }
  }

  /** Never fails: the checkpoint is safe, and an old one too many does no harm. */
  private void removeOld(TrainingState newest) {
    try {
      // Those after the newest are damaged ones that the run resumed before; they count for
      // nothing.
      NavigableMap<Long, Path> candidates = catalog.list().headMap(newest.step(), true);
      int kept = 0;
      for (var entry : candidates.descendingMap().entrySet()) {
        boolean best = newest.best() != null && newest.best().step() == entry.getKey();
        if (kept < keep) {
          kept += Manifest.isPlausible(entry.getValue()) ? 1 : 0;
        } else if (!best) {
          remove(entry.getValue(), entry.getKey());
        }
      }
    } catch (IOException | RuntimeException e) {
      if (!toldOfOld) {
        toldOfOld = true;
        LOG.warn(
            "old checkpoints could not be removed, which is reported once: {}",
            StorageProblem.describe(catalog.folder(), e));
      }
    }
  }

  private void remove(Path checkpoint, long step) throws IOException {
    // Renamed first, so that one deleted in part does not pass for a damaged checkpoint.
    Path removing = placeOf(StepName.REMOVING, step);
    DurableFiles.deleteTree(removing);
    try {
      Files.move(checkpoint, removing, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      // An overlay file system does not rename a folder of a lower layer. The manifest goes first:
      // what is left then if this is interrupted is not whole, and the next save removes it.
      Files.deleteIfExists(checkpoint.resolve(Manifest.NAME));
      DurableFiles.deleteTree(checkpoint);
      return;
    }
    DurableFiles.deleteTree(removing);
  }
}
