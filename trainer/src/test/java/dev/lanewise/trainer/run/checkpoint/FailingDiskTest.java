package dev.lanewise.trainer.run.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.fixture.SmallModel;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each write, fsync and rename of a save fails in turn: the former checkpoint is always there. */
class FailingDiskTest {

  private static final SmallModel MODEL = SmallModel.ofCharacters();
  private static final FailingDisk.Failure DISK_FULL =
      path -> new IOException("No space left on device");

  @TempDir Path folder;

  private final FailingDisk disk = new FailingDisk();

  /** A run that has been saved at steps 5 and 10, on a disk that is all right. */
  private CheckpointStore begin(RunLock lock) throws IOException {
    CheckpointStore store = CheckpointStore.open(lock, 2);
    store.save(MODEL.snapshot(5, 5));
    store.save(MODEL.snapshot(10, 5));
    return store;
  }

  private static void assertLoads(CheckpointCatalog catalog, long step) throws IOException {
    Checkpoint found = catalog.newest().found();
    assertThat(found.state().step()).isEqualTo(step);
    float[] expected = MODEL.snapshot(step, 5).weights().data();
    assertThat(Arrays.equals(found.readWeights(MODEL.transformer()).data(), expected)).isTrue();
  }

  /** How many operations a save takes that replaces {@code step}, or is the first of it. */
  private List<String> operationsOfSave(long step) throws IOException {
    Path run = disk.path(folder.resolve("count-" + step));
    try (RunLock lock = RunLock.acquire(run)) {
      CheckpointStore store = begin(lock);
      disk.repair();
      store.save(MODEL.snapshot(step, 5));
      return disk.operations();
    }
  }

  /** Where to begin: up to the manifest, replacing a checkpoint is no different from adding one. */
  private static int first(long step, List<String> operations) {
    return step == 10 ? operations.indexOf("create manifest.json.tmp") : 0;
  }

  @Test
  void aFileSystemWithoutLocksNeedsToBeAskedFor() throws IOException {
    disk.forgetLocks();
    Path run = disk.path(folder.resolve("nfs"));
    assertThatThrownBy(() -> RunLock.acquire(run))
        .hasMessageContaining("cannot be locked")
        .hasMessageContaining("Function not implemented")
        .hasMessageContaining("--no-lock");
    try (RunLock lock = RunLock.acquireWithoutLock(run)) {
      CheckpointStore store = CheckpointStore.open(lock, 2);
      store.save(MODEL.snapshot(5, 5));
      assertLoads(store.catalog(), 5);
      assertThatThrownBy(() -> RunLock.acquireWithoutLock(run))
          .isInstanceOf(RunLockedException.class);
    }
    RunLock.acquireWithoutLock(run).close();
  }

  /** As an overlay file system does with folders of a lower layer. */
  @Test
  void oldCheckpointsGoWhereFoldersCannotBeRenamedAway() throws IOException {
    Path run = disk.path(folder.resolve("overlay"));
    try (RunLock lock = RunLock.acquire(run)) {
      CheckpointStore store = CheckpointStore.open(lock, 2);
      disk.watch(
          operation -> {
            if (operation.startsWith("rename .removing-")) {
              throw new AtomicMoveNotSupportedException("a", "b", "Invalid cross-device link");
            }
          });
      for (long step = 5; step <= 25; step += 5) {
        store.save(MODEL.snapshot(step, 5));
      }
      assertThat(store.catalog().list()).containsOnlyKeys(5L, 20L, 25L);
    }
  }

  /** Fails once at every operation; the same process goes on and saves the next step. */
  @Test
  void afterAnyFailureTheFormerCheckpointIsThereAndTheNextSaveWorks() throws IOException {
    for (long step : new long[] {10, 15}) {
      List<String> operations = operationsOfSave(step);
      for (int at = first(step, operations); at < operations.size(); at++) {
        Path run = disk.path(folder.resolve("once-" + step + "-" + at));
        try (RunLock lock = RunLock.acquire(run)) {
          CheckpointStore store = begin(lock);
          disk.failOnce(at, DISK_FULL);
          boolean saved = trySave(store, step, operations.get(at));
          assertThat(store.catalog().newest().damaged()).isEmpty();
          assertLoads(store.catalog(), saved ? step : Math.max(10, newest(store)));
          disk.repair();
          store.save(MODEL.snapshot(20, 5));
          assertLoads(store.catalog(), 20);
          assertThat(store.catalog().list()).hasSizeBetween(2, 4);
        }
      }
    }
  }

  /** All operations fail from one on, as at a kill; then a new process starts. */
  @Test
  void afterAKillAtAnyMomentTheNextStartFindsACheckpoint() throws IOException {
    for (long step : new long[] {10, 15}) {
      List<String> operations = operationsOfSave(step);
      for (int at = first(step, operations); at < operations.size(); at++) {
        Path run = disk.path(folder.resolve("kill-" + step + "-" + at));
        try (RunLock lock = RunLock.acquire(run)) {
          CheckpointStore store = begin(lock);
          disk.failFrom(at, path -> new IOException("killed"));
          trySave(store, step, operations.get(at));
        }
        disk.repair();
        try (RunLock lock = RunLock.acquire(run)) {
          CheckpointStore store = CheckpointStore.open(lock, 2);
          assertThat(store.catalog().newest().damaged()).isEmpty();
          assertLoads(store.catalog(), Math.max(10, newest(store)));
          assertThat(store.catalog().list()).containsKey(5L);
          try (Stream<Path> left = Files.list(store.catalog().folder())) {
            assertThat(left).allMatch(path -> path.getFileName().toString().startsWith("step-"));
          }
        }
      }
    }
  }

  private static long newest(CheckpointStore store) throws IOException {
    return store.catalog().list().lastKey();
  }

  private static boolean trySave(CheckpointStore store, long step, String operation) {
    CheckpointWriteException problem =
        catchThrowableOfType(
            CheckpointWriteException.class, () -> store.save(MODEL.snapshot(step, 5)));
    if (problem != null) {
      assertThat(problem)
          .as(operation)
          .hasMessageContaining("step " + step)
          .hasMessageContaining(store.catalog().folder().toString());
      assertThat(problem.step()).isEqualTo(step);
    }
    return problem == null;
  }

  /** Small files are written under another name first. */
  private static int lastOf(List<String> operations, String operation) {
    return Math.max(operations.lastIndexOf(operation), operations.lastIndexOf(operation + ".tmp"));
  }

  @Test
  void nothingIsRenamedBeforeItIsOnTheDiskAndNothingRemovedBeforeTheRename() throws IOException {
    Path run = disk.path(folder.resolve("order"));
    try (RunLock lock = RunLock.acquire(run)) {
      CheckpointStore store = CheckpointStore.open(lock, 1);
      store.save(MODEL.snapshot(10, 10));
      disk.repair();
      store.save(MODEL.snapshot(15, 15));
    }
    List<String> operations = disk.operations();
    int renamed = operations.indexOf("rename step-000015");
    for (String file :
        List.of(
            "model.safetensors",
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "optimizer.state",
            "trainer.json",
            "manifest.json")) {
      int written = lastOf(operations, "write " + file);
      int forced = lastOf(operations, "fsync " + file);
      assertThat(written).as(file).isNotNegative().isLessThan(forced);
      assertThat(forced).as(file).isLessThan(operations.indexOf("fsync .writing-step-000015"));
    }
    assertThat(operations.indexOf("fsync .writing-step-000015")).isLessThan(renamed);
    assertThat(operations.get(renamed + 1)).isEqualTo("fsync checkpoints");
    assertThat(operations.get(renamed + 2)).isEqualTo("rename .removing-step-000010");
    assertThat(operations.subList(0, renamed))
        .noneMatch(step -> step.startsWith("rename") && step.contains("step-"))
        .doesNotContain("delete model.safetensors");
  }

  private String messageOf(FailingDisk.Failure failure) throws IOException {
    Path run = disk.path(folder.resolve("message"));
    try (RunLock lock = RunLock.acquire(run)) {
      CheckpointStore store = CheckpointStore.open(lock, 1);
      disk.failFrom(2, failure);
      String message =
          catchThrowableOfType(
                  CheckpointWriteException.class, () -> store.save(MODEL.snapshot(5, 5)))
              .getMessage();
      disk.repair();
      return message;
    }
  }

  @Test
  void messagesNameThePathAndWhatToDo() throws IOException {
    assertThat(messageOf(DISK_FULL))
        .contains(".writing-step-000005")
        .containsPattern("the disk is full \\(\\d+ MiB are left\\); free some space");
    assertThat(messageOf(AccessDeniedException::new))
        .contains("optimizer.state: permission denied; let this user write there");
    assertThat(messageOf(path -> new FileSystemException(path, null, "Read-only file system")))
        .contains("optimizer.state: the file system is read-only; make it writable");
    assertThat(messageOf(NoSuchFileException::new))
        .contains("the folder has vanished; it must not be moved");
    assertThat(messageOf(path -> new IOException("Disk quota exceeded"))).contains("quota");
    assertThat(messageOf(path -> new IOException("Input/output error")))
        .contains("Input/output error; check the disk");
  }

  @Test
  void aRunFolderThatVanishesIsNamed() throws IOException {
    Path run = folder.resolve("vanishing");
    try (RunLock lock = RunLock.acquire(run)) {
      CheckpointStore store = CheckpointStore.open(lock, 1);
      DurableFiles.deleteTree(run);
      assertThat(
              catchThrowableOfType(
                  CheckpointWriteException.class, () -> store.save(MODEL.snapshot(5, 5))))
          .hasMessageContaining("checkpoints")
          .hasMessageContaining("vanished");
      assertThat(run).doesNotExist();
    }
  }

  @Test
  void anUnusableRunFolderIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    IOException problem = catchThrowableOfType(IOException.class, () -> RunLock.acquire(file));
    assertThat(problem)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("there is a file where a folder is needed");
  }
}
