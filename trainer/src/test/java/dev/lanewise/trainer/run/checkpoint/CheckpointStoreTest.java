package dev.lanewise.trainer.run.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.SmallModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is saved comes back bit for bit, and the right checkpoints stay. */
class CheckpointStoreTest {

  private static final SmallModel MODEL = SmallModel.ofCharacters();

  @TempDir Path run;

  private RunLock lock;

  @BeforeEach
  void lock() throws IOException {
    lock = RunLock.acquire(run);
  }

  @AfterEach
  void unlock() throws IOException {
    lock.close();
  }

  private CheckpointStore store(int keep) throws IOException {
    return CheckpointStore.open(lock, keep);
  }

  private static void damage(Path checkpoint) throws IOException {
    Files.write(checkpoint.resolve(StateFile.NAME), new byte[] {'{'});
  }

  private List<String> names() throws IOException {
    try (Stream<Path> entries = Files.list(run.resolve(CheckpointCatalog.FOLDER))) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private static void assertSame(Checkpoint checkpoint, Snapshot snapshot) throws IOException {
    assertThat(checkpoint.state()).isEqualTo(snapshot.state());
    assertThat(checkpoint.tokenizer().fingerprint()).isEqualTo(snapshot.tokenizer().fingerprint());
    assertThat(checkpoint.description()).isEqualTo(snapshot.model().description());
    Snapshot found = SmallModel.read(checkpoint);
    assertThat(bits(found.weights())).isEqualTo(bits(snapshot.weights()));
    for (int i = 0; i < 2; i++) {
      assertThat(bits(found.optimizer().get(i).values()))
          .isEqualTo(bits(snapshot.optimizer().get(i).values()));
    }
  }

  private static int[] bits(ParameterStore store) {
    int[] bits = new int[store.data().length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(store.data()[i]));
    return bits;
  }

  @Test
  void whatIsSavedComesBackBitForBit() throws IOException {
    for (SmallModel model : List.of(SmallModel.ofCharacters(), SmallModel.ofBytePairs())) {
      Snapshot snapshot = model.snapshot(12, 10);
      Path folder = store(1).save(snapshot);
      assertThat(folder).isEqualTo(run.resolve("checkpoints/step-000012"));
      assertSame(Checkpoint.open(folder), snapshot);
    }
  }

  @Test
  void aStateWithoutEvaluationComesBack() throws IOException {
    Snapshot some = MODEL.snapshot(3, 0);
    TrainingState state =
        new TrainingState(
            3, null, 2, 1, MODEL.settings(), MODEL.tokenizer().fingerprint(), "", 0.1 + 0.2);
    Snapshot snapshot =
        new Snapshot(state, MODEL.model(), MODEL.tokenizer(), some.weights(), some.optimizer());
    CheckpointStore store = store(1);
    store.save(snapshot);
    assertSame(store.catalog().newest().found(), snapshot);
    assertThat(store.catalog().best().found().state().step()).isEqualTo(3);
  }

  @Test
  void theNewestAndTheBestStay() throws IOException {
    CheckpointStore store = store(2);
    store.save(MODEL.snapshot(5, 5));
    store.save(MODEL.snapshot(10, 10));
    store.save(MODEL.snapshot(15, 10));
    store.save(MODEL.snapshot(20, 10));
    store.save(MODEL.snapshot(1_234_567, 10));
    assertThat(names()).containsExactly("step-000010", "step-000020", "step-1234567");
    assertThat(store.catalog().newest().found().state().step()).isEqualTo(1_234_567);
    assertThat(store.catalog().best().found().state().step()).isEqualTo(10);
    store.save(MODEL.snapshot(1_234_568, 1_234_568));
    assertThat(names()).containsExactly("step-1234567", "step-1234568");
  }

  @Test
  void aDamagedNewestIsNamedAndTheOneBeforeItUsed() throws IOException {
    CheckpointStore store = store(3);
    store.save(MODEL.snapshot(5, 5));
    store.save(MODEL.snapshot(10, 10));
    Path newest = store.save(MODEL.snapshot(15, 15));
    damage(newest);
    assertThat(store.catalog().best().found().state().step()).isEqualTo(10);
    CheckpointCatalog.Search search = store.catalog().newest();
    assertThat(search.found().state().step()).isEqualTo(10);
    assertThat(search.damaged()).hasSize(1);
    assertThat(search.damaged().getFirst())
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(newest.resolve(StateFile.NAME).toString());
  }

  @Test
  void aDamagedBestGivesWayToTheNewest() throws IOException {
    CheckpointStore store = store(2);
    Path best = store.save(MODEL.snapshot(5, 5));
    store.save(MODEL.snapshot(10, 5));
    Files.delete(best.resolve("model.safetensors"));
    CheckpointCatalog.ModelSearch search = store.catalog().best();
    assertThat(search.found().state().step()).isEqualTo(10);
    assertThat(search.damaged()).hasSize(1);
  }

  @Test
  void damagedCheckpointsDoNotTakeThePlaceOfWholeOnes() throws IOException {
    CheckpointStore store = store(2);
    store.save(MODEL.snapshot(5, 0));
    damage(store.save(MODEL.snapshot(10, 0)));
    damage(store.save(MODEL.snapshot(15, 0)));
    // Resumed from 5, because those after it are damaged.
    store.save(MODEL.snapshot(7, 0));
    assertThat(names()).containsExactly("step-000005", "step-000007", "step-000010", "step-000015");
    store.save(MODEL.snapshot(12, 0));
    assertThat(names()).containsExactly("step-000007", "step-000010", "step-000012", "step-000015");
    Snapshot again = MODEL.snapshot(15, 0);
    store.save(again);
    assertThat(names()).containsExactly("step-000012", "step-000015");
    assertSame(store.catalog().newest().found(), again);
  }

  @Test
  void aFolderUnderAnotherStepsNameIsRefused() throws IOException {
    CheckpointStore store = store(2);
    Path folder = store.save(MODEL.snapshot(5, 5));
    Files.move(folder, folder.resolveSibling("step-000006"));
    CheckpointCatalog.Search search = store.catalog().newest();
    assertThat(search.isFound()).isFalse();
    assertThat(search.damaged().getFirst()).hasMessageContaining("state.step");
  }

  @Test
  void leftoversOfAKilledTrainerAreClearedAway() throws IOException {
    CheckpointStore store = store(2);
    Path folder = store.save(MODEL.snapshot(5, 5));
    Path checkpoints = folder.getParent();
    for (String name :
        List.of(".writing-step-000010", ".removing-step-000001", ".replaced-step-000005")) {
      Files.createDirectory(checkpoints.resolve(name));
      Files.write(checkpoints.resolve(name).resolve("part"), new byte[3]);
    }
    Files.createDirectory(checkpoints.resolve(".writing-mine"));
    Files.createDirectory(checkpoints.resolve("step-7"));
    assertThat(store(2).catalog().list()).containsOnlyKeys(5L);
    assertThat(names()).containsExactly(".writing-mine", "step-000005", "step-7");
  }

  @Test
  void aCheckpointThatWasBeingReplacedComesBack() throws IOException {
    Snapshot snapshot = MODEL.snapshot(5, 5);
    Path folder = store(2).save(snapshot);
    Files.move(folder, folder.resolveSibling(".replaced-step-000005"));
    assertSame(store(2).catalog().newest().found(), snapshot);
  }

  @Test
  void aRunWithoutCheckpointsHasNone() throws IOException {
    CheckpointCatalog catalog = new CheckpointCatalog(run.resolve("not/there"));
    assertThat(catalog.list()).isEmpty();
    assertThat(catalog.newest().isFound()).isFalse();
    assertThat(catalog.best().isFound()).isFalse();
  }

  @Test
  void aStoreWhoseLockIsGoneDoesNotWrite() throws IOException {
    CheckpointStore store = store(2);
    lock.close();
    assertThatThrownBy(() -> store.save(MODEL.snapshot(5, 5)))
        .isInstanceOf(CheckpointWriteException.class)
        .hasMessageContaining("lock");
    assertThat(names()).isEmpty();
  }

  @Test
  void partsThatDoNotBelongTogetherAreRefused() {
    Snapshot small = MODEL.snapshot(5, 5);
    SmallModel other = SmallModel.ofBytePairs();
    assertThatThrownBy(
            () ->
                new Snapshot(
                    small.state(),
                    MODEL.model(),
                    other.tokenizer(),
                    small.weights(),
                    small.optimizer()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new Snapshot(
                    small.state(),
                    MODEL.model(),
                    MODEL.tokenizer(),
                    small.weights(),
                    other.newMoments()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void whatCouldNotBeReadAgainIsNotWritten() throws IOException {
    Snapshot good = MODEL.snapshot(5, 5);
    CheckpointStore store = store(2);
    store.save(good);
    TrainingState endless =
        new TrainingState(
            6,
            good.state().best(),
            0,
            0,
            MODEL.settings(),
            MODEL.tokenizer().fingerprint(),
            "x".repeat(1 << 20),
            0);
    assertThatThrownBy(
            () ->
                store.save(
                    new Snapshot(
                        endless,
                        MODEL.model(),
                        MODEL.tokenizer(),
                        good.weights(),
                        good.optimizer())))
        .isInstanceOf(CheckpointWriteException.class)
        .hasMessageContaining(StateFile.NAME);
    assertThat(names()).containsExactly("step-000005");
  }

  @Test
  void writingIsSeenByTheFlightRecorder() throws IOException {
    Path file = run.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("lanewise.Checkpoint");
      recording.start();
      store(1).save(MODEL.snapshot(5, 5));
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().equals("lanewise.Checkpoint"))
            .toList();
    assertThat(events).hasSize(1);
    assertThat(events.getFirst().getLong("step")).isEqualTo(5);
    assertThat(events.getFirst().getString("path")).endsWith("step-000005");
  }
}
