package dev.lanewise.trainer.run.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.FileDigest;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.SmallTables;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.TokenizerKinds;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A large table is written when it has changed, and each checkpoint has all of it. */
class LargeTablesTest {

  private static final SmallTables TABLES = new SmallTables();

  /** All tables are large. */
  private static final long ALL = 1;

  private static final String SLOW_WEIGHTS = SmallTables.SLOW + ".base";
  private static final String SLOW_STATE = SmallTables.SLOW + ".base.state";
  private static final String FAST_WEIGHTS = SmallTables.FAST + ".base";

  @TempDir private Path folder;
  private final FailingDisk disk = new FailingDisk();

  private static void assertHolds(Checkpoint found, long step) throws IOException {
    Snapshot expected = TABLES.snapshot(step, step);
    assertThat(found.state().step()).isEqualTo(step);
    assertThat(bits(found.readWeights(TABLES.transformer()))).isEqualTo(bits(expected.weights()));
    List<OptimizerState> states = TABLES.newState();
    // Whatever was there.
    states.forEach(state -> Arrays.fill(state.values().data(), 77));
    found.readState(states);
    for (int i = 0; i < states.size(); i++) {
      assertThat(bits(states.get(i).values()))
          .as(states.get(i).name())
          .isEqualTo(bits(expected.optimizer().get(i).values()));
    }
  }

  private static int[] bits(ParameterStore store) {
    int[] bits = new int[store.data().length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(store.data()[i]));
    return bits;
  }

  private static Path save(CheckpointStore store, long step) throws CheckpointWriteException {
    return store.save(TABLES.snapshot(step, step));
  }

  private static Object key(Path file) throws IOException {
    return FileStamp.of(file).key();
  }

  private static List<String> names(Path checkpoint) throws IOException {
    try (Stream<Path> files = Files.list(checkpoint)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aBaseIsLinkedUntilHalfOfTheRowsHaveChanged() throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      CheckpointStore store = CheckpointStore.open(lock, 50, ALL);
      Path before = save(store, 20);
      Object first = key(before.resolve(SLOW_WEIGHTS));
      int linked = 0;
      int written = 0;
      for (long step = 40; step <= 900; step += 20) {
        Path now = save(store, step);
        boolean same = key(now.resolve(SLOW_WEIGHTS)).equals(key(before.resolve(SLOW_WEIGHTS)));
        assertThat(key(now.resolve(SLOW_STATE)).equals(key(before.resolve(SLOW_STATE))))
            .isEqualTo(same);
        assertThat(key(now.resolve(FAST_WEIGHTS))).isNotEqualTo(key(before.resolve(FAST_WEIGHTS)));
        linked += same ? 1 : 0;
        written += same ? 0 : 1;
        before = now;
      }
      assertThat(linked).isGreaterThan(25);
      assertThat(written).isBetween(2, 15);
      assertThat(key(before.resolve(SLOW_WEIGHTS))).isNotEqualTo(first);
      for (Path checkpoint : store.catalog().list().values()) {
        assertHolds(Checkpoint.open(checkpoint), Checkpoint.open(checkpoint).state().step());
      }
    }
  }

  /** What a linked base saves. */
  @Test
  void onlyChangedRowsAreWritten() throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      CheckpointStore store = CheckpointStore.open(lock, 50, ALL);
      Path first = save(store, 20);
      Path second = save(store, 21);
      assertThat(names(second)).isEqualTo(names(first));
      assertThat(names(first))
          .containsExactly(
              "config.json",
              "manifest.json",
              "model.safetensors",
              "ngrams.2.weight.base",
              "ngrams.2.weight.base.state",
              "ngrams.3.weight.base",
              "ngrams.3.weight.base.state",
              "optimizer.state",
              "tokenizer.json",
              "tokenizer_config.json",
              "trainer.json");
      long base = Files.size(first.resolve(SLOW_STATE));
      long grown =
          Files.size(second.resolve("optimizer.state"))
              - Files.size(first.resolve("optimizer.state"));
      assertThat(grown).isPositive().isLessThan(base / 2);
    }
  }

  @Test
  void smallTablesStayInTheFilesOfTheRest() throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      long slow = TABLES.transformer().layout().parameter(SmallTables.SLOW).size();
      Path some = save(CheckpointStore.open(lock, 50, Float.BYTES * slow), 20);
      assertThat(names(some)).contains(SLOW_WEIGHTS).doesNotContain(FAST_WEIGHTS);
      assertHolds(Checkpoint.open(some), 20);
      Path none = save(CheckpointStore.open(lock, 50), 20);
      assertThat(names(none)).noneMatch(name -> name.contains("base"));
      assertThat(Files.readString(none.resolve("trainer.json"))).contains("\"format_version\" : 4");
      assertHolds(Checkpoint.open(none), 20);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverHappensBaseAndRowsAreTheWhole(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Path run = disk.path(folder.resolve("run"));
    long step = 0;
    long saved = -1;
    for (int life = 0; life < 6; life++) {
      try (RunLock lock = RunLock.acquire(run)) {
        CheckpointStore store = CheckpointStore.open(lock, 1 + random.nextInt(3), ALL);
        if (saved >= 0) {
          Checkpoint start = store.catalog().newest().found();
          step = start.state().step();
          assertThat(step).isGreaterThanOrEqualTo(saved);
          assertHolds(start, step);
          // It is allowed not to be told.
          if (random.nextInt(4) > 0) {
            store.continueFrom(start);
          }
        }
        for (int i = 0; i < 12; i++) {
          step += random.nextInt(12);
          int fails = random.nextInt(120);
          if (random.nextInt(3) == 0) {
            disk.failOnce(fails, path -> new FileSystemException(path, null, "refused"));
          }
          try {
            save(store, step);
            saved = step;
          } catch (CheckpointWriteException e) {
            assertThat(e).hasMessageContaining("refused");
          }
          disk.repair();
          Checkpoint newest = store.catalog().newest().found();
          if (newest != null) {
            assertThat(newest.state().step()).isGreaterThanOrEqualTo(saved);
            assertHolds(newest, newest.state().step());
          }
        }
        for (Path each : store.catalog().list().values()) {
          Checkpoint checkpoint = Checkpoint.open(each);
          assertHolds(checkpoint, checkpoint.state().step());
        }
      }
    }
  }

  @Test
  void aRunThatGoesOnLinksWhatItWentOnFrom() throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      Path before = save(CheckpointStore.open(lock, 5, ALL), 20);
      CheckpointStore store = CheckpointStore.open(lock, 5, ALL);
      store.continueFrom(store.catalog().newest().found());
      Path after = save(store, 24);
      assertThat(key(after.resolve(SLOW_STATE))).isEqualTo(key(before.resolve(SLOW_STATE)));
      assertHolds(Checkpoint.open(after), 24);
      // A store that was not told does not know what the run goes on from.
      Path unknown = save(CheckpointStore.open(lock, 5, ALL), 28);
      assertThat(key(unknown.resolve(SLOW_STATE))).isNotEqualTo(key(before.resolve(SLOW_STATE)));
      assertHolds(Checkpoint.open(unknown), 28);
    }
  }

  @Test
  void withoutLinksAllIsWritten() throws IOException {
    disk.forgetLinks();
    try (RunLock lock = RunLock.acquire(disk.path(folder))) {
      CheckpointStore store = CheckpointStore.open(lock, 5, ALL);
      Path before = save(store, 20);
      Path after = save(store, 21);
      assertThat(key(after.resolve(SLOW_STATE))).isNotEqualTo(key(before.resolve(SLOW_STATE)));
      assertHolds(Checkpoint.open(before), 20);
      assertHolds(Checkpoint.open(after), 21);
    }
  }

  /** One of two could be linked: the new base does not go into the file of the former. */
  @Test
  void whatIsLinkedAlreadyIsNotWrittenTo() throws IOException {
    try (RunLock lock = RunLock.acquire(disk.path(folder))) {
      CheckpointStore store = CheckpointStore.open(lock, 5, ALL);
      save(store, 20);
      for (String second : List.of(SLOW_WEIGHTS, SLOW_STATE)) {
        disk.watch(
            operation -> {
              if (operation.equals("link " + second)) {
                throw new FileSystemException(second, null, "Too many links");
              }
            });
        long step = store.catalog().list().lastKey() + 1;
        save(store, step);
        disk.watch(operation -> {});
        for (Path each : store.catalog().list().values()) {
          Checkpoint checkpoint = Checkpoint.open(each);
          assertHolds(checkpoint, checkpoint.state().step());
        }
      }
    }
  }

  @Test
  void aCopyIsWholeAndCanBeGoneOnFrom() throws IOException {
    Path copy = folder.resolve("copy");
    try (RunLock lock = RunLock.acquire(folder.resolve("run"))) {
      CheckpointStore store = CheckpointStore.open(lock, 1, ALL);
      save(store, 20);
      Path last = save(store, 25);
      Path to = Files.createDirectories(copy.resolve("checkpoints/step-000025"));
      for (String name : names(last)) {
        Files.copy(last.resolve(name), to.resolve(name));
      }
    }
    DurableFiles.deleteTree(folder.resolve("run"));
    try (RunLock lock = RunLock.acquire(copy)) {
      CheckpointStore store = CheckpointStore.open(lock, 1, ALL);
      Checkpoint start = store.catalog().newest().found();
      assertHolds(start, 25);
      store.continueFrom(start);
      Object base = key(start.folder().resolve(SLOW_STATE));
      Path next = save(store, 26);
      assertThat(start.folder()).doesNotExist();
      assertThat(key(next.resolve(SLOW_STATE))).isEqualTo(base);
      assertHolds(Checkpoint.open(next), 26);
    }
  }

  /** A user who wants room deletes checkpoints in the middle of a run. */
  @Test
  void whereTheFormerCheckpointIsGoneAllIsWritten() throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      CheckpointStore store = CheckpointStore.open(lock, 5, ALL);
      DurableFiles.deleteTree(save(store, 20));
      assertHolds(Checkpoint.open(save(store, 21)), 21);
    }
  }

  @Test
  void aBaseThatWasChangedIsNotLinked() throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      CheckpointStore store = CheckpointStore.open(lock, 5, ALL);
      Path file = save(store, 20).resolve(SLOW_STATE);
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 1] ^= 1;
      FileTime written = Files.getLastModifiedTime(file);
      Files.write(file, bytes);
      // Clocks of file systems may be coarse.
      Files.setLastModifiedTime(file, FileTime.fromMillis(written.toMillis() + 10));
      Path next = save(store, 21);
      assertHolds(Checkpoint.open(next), 21);
      assertThatThrownBy(() -> Checkpoint.open(file.getParent()))
          .isInstanceOf(InvalidFileException.class)
          .hasMessageContaining(file.toString());
    }
  }

  /** A linked base is forced, as a user's copy need not be on the disk, and not written to. */
  @Test
  void aLinkIsOnTheDiskBeforeTheCheckpointHasItsName() throws IOException {
    try (RunLock lock = RunLock.acquire(disk.path(folder))) {
      CheckpointStore store = CheckpointStore.open(lock, 1, ALL);
      save(store, 20);
      disk.repair();
      save(store, 21);
    }
    List<String> operations = disk.operations();
    int named = operations.indexOf("rename step-000021");
    int linked = operations.indexOf("link " + SLOW_STATE);
    assertThat(linked).isNotNegative();
    assertThat(operations.indexOf("fsync " + SLOW_STATE)).isBetween(linked, named);
    assertThat(operations.indexOf("fsync .writing-step-000021")).isBetween(linked, named);
    assertThat(operations.indexOf("rename .removing-step-000020")).isGreaterThan(named);
    assertThat(operations)
        .doesNotContain("write " + SLOW_STATE, "write " + SLOW_STATE + ".tmp")
        .doesNotContain("truncate " + SLOW_STATE);
  }

  private Path saved() throws IOException {
    try (RunLock lock = RunLock.acquire(folder)) {
      CheckpointStore store = CheckpointStore.open(lock, 1, ALL);
      save(store, 20);
      return save(store, 24);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {SLOW_WEIGHTS, SLOW_STATE, FAST_WEIGHTS})
  void damageToABaseIsFoundAndNamed(String name) throws IOException {
    Path checkpoint = saved();
    Path file = checkpoint.resolve(name);
    byte[] whole = Files.readAllBytes(file);
    boolean ofTheModel = !name.equals(SLOW_STATE);
    EditedFile.flipABit(file);
    assertRefused(checkpoint, file, "SHA-256", ofTheModel);
    Files.write(file, Arrays.copyOf(whole, whole.length - 4));
    assertRefused(checkpoint, file, "cut off or changed", ofTheModel);
    Files.delete(file);
    assertRefused(checkpoint, file, "missing", ofTheModel);
  }

  private static void assertRefused(Path checkpoint, Path file, String problem, boolean ofTheModel)
      throws IOException {
    assertThatThrownBy(() -> Checkpoint.open(checkpoint))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(file.toString(), problem);
    if (ofTheModel) {
      assertThatThrownBy(
              () -> SavedModel.open(checkpoint, TokenizerKinds.STANDARD, Progress.SILENT))
          .isInstanceOf(InvalidFileException.class)
          .hasMessageContainingAll(file.toString(), problem);
    } else {
      SavedModel model = SavedModel.open(checkpoint, TokenizerKinds.STANDARD, Progress.SILENT);
      assertThat(model.notes())
          .hasSize(Files.exists(file) ? 0 : 1)
          .allMatch(note -> note.contains(file + " is missing: the model can be used"));
    }
  }

  /** Whatever the manifest lists is verified, so it has to list all that is read. */
  @ParameterizedTest
  @ValueSource(strings = {SLOW_WEIGHTS, SLOW_STATE})
  void aManifestThatLeavesABaseOutIsRefused(String name) throws IOException {
    Path checkpoint = saved();
    TreeMap<String, FileDigest> files = new TreeMap<>(Manifest.read(checkpoint).files());
    files.remove(name);
    Files.write(checkpoint.resolve(Manifest.NAME), new Manifest(files).render());
    assertThatThrownBy(() -> Checkpoint.open(checkpoint))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("files." + name);
    if (name.equals(SLOW_WEIGHTS)) {
      assertThatThrownBy(
              () -> SavedModel.open(checkpoint, TokenizerKinds.STANDARD, Progress.SILENT))
          .hasMessageContaining("files." + name);
    }
  }

  private static void sign(Path checkpoint) throws IOException {
    TreeMap<String, FileDigest> entries = new TreeMap<>();
    for (String name : names(checkpoint)) {
      if (!name.equals(Manifest.NAME)) {
        entries.put(name, FileDigest.of(checkpoint.resolve(name)));
      }
    }
    Files.write(checkpoint.resolve(Manifest.NAME), new Manifest(entries).render());
  }

  /** From which step on rows count as changed decides what the next checkpoint leaves out. */
  @ParameterizedTest
  @ValueSource(strings = {"0", "21", "-1", "1.5", "", "99999999999999999999", "x"})
  void aBaseOfNoStepOfTheRunIsRefused(String after) throws IOException {
    Path checkpoint;
    try (RunLock lock = RunLock.acquire(folder)) {
      checkpoint = save(CheckpointStore.open(lock, 1, ALL), 20);
    }
    Path file = checkpoint.resolve(SLOW_STATE);
    new SafetensorsWriter()
        .metadata("changes_after", after)
        .add("t", new FloatTensor(new float[1], 0, Shape.of(1)))
        .write(file);
    sign(checkpoint);
    assertThatThrownBy(() -> Checkpoint.open(checkpoint))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(file.toString(), "changes_after", "is no step of a run");
  }

  /** With a manifest that fits, only the readers themselves stand between an enemy and us. */
  @Test
  void forgedFilesAreRefusedOrHarmless() throws IOException {
    Path checkpoint = saved();
    SplittableRandom random = new SplittableRandom(5);
    int refused = 0;
    for (String name : names(checkpoint)) {
      if (!name.contains("base") && !name.equals("optimizer.state")) {
        continue;
      }
      Path file = checkpoint.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      for (int i = 0; i < 80; i++) {
        byte[] forged = whole.clone();
        for (int n = 0; n <= i % 3; n++) {
          int at = random.nextInt(Math.min(1500, forged.length));
          forged[at] = (byte) (i % 2 == 0 ? random.nextInt(256) : '0' + random.nextInt(10));
        }
        Files.write(file, forged);
        sign(checkpoint);
        try {
          Checkpoint found = Checkpoint.open(checkpoint);
          found.readWeights(TABLES.transformer());
          found.readState(TABLES.newState());
        } catch (IOException e) {
          assertThat(e).hasMessageContaining(checkpoint.toString());
          refused++;
        }
      }
      Files.write(file, whole);
    }
    assertThat(refused).isGreaterThan(80);
  }

  @Test
  void theFilesOfTheModelAreKnownToWhoReadsIt() throws IOException {
    Path checkpoint = saved();
    assertThat(ModelFolder.weightFiles(checkpoint))
        .containsExactly("model.safetensors", FAST_WEIGHTS, SLOW_WEIGHTS);
    assertThat(ModelFolder.precision(checkpoint)).isEqualTo(Precision.F32);
    SavedModel model = SavedModel.open(checkpoint, TokenizerKinds.STANDARD, Progress.SILENT);
    ParameterStore read =
        ModelFolder.readWeights(checkpoint, model.description(), TABLES.transformer());
    assertThat(bits(read)).isEqualTo(bits(TABLES.snapshot(24, 24).weights()));
  }

  /** What is copied for the background is what is written. */
  @Test
  void inTheBackgroundToo() throws Exception {
    try (RunLock lock = RunLock.acquire(folder)) {
      CheckpointStore store = CheckpointStore.open(lock, 50, ALL);
      List<Long> steps = new ArrayList<>();
      try (BackgroundCheckpointWriter writer =
          new BackgroundCheckpointWriter(store, TABLES.transformer().layout(), TABLES.newState())) {
        for (long step = 3; step < 60; step += 4) {
          Snapshot snapshot = TABLES.snapshot(step, step);
          writer.save(snapshot);
          Arrays.fill(snapshot.weights().data(), 9);
          snapshot.optimizer().forEach(state -> Arrays.fill(state.values().data(), 1));
          steps.add(step);
        }
      }
      assertThat(store.catalog().list().keySet()).containsExactlyElementsOf(steps);
      Path first = store.catalog().list().get(55L);
      Path last = store.catalog().list().get(59L);
      assertThat(key(last.resolve(SLOW_STATE))).isEqualTo(key(first.resolve(SLOW_STATE)));
      for (long step : steps) {
        assertHolds(Checkpoint.open(store.catalog().list().get(step)), step);
      }
    }
  }
}
