package dev.lanewise.trainer.run.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.fixture.SmallModel;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training goes on while a checkpoint is written, and learns of failures. */
class BackgroundCheckpointWriterTest {

  private static final SmallModel MODEL = SmallModel.ofCharacters();

  @TempDir Path folder;

  private final FailingDisk disk = new FailingDisk();
  private RunLock lock;
  private CheckpointStore store;

  @BeforeEach
  void open() throws IOException {
    lock = RunLock.acquire(disk.path(folder));
    store = CheckpointStore.open(lock, 5);
  }

  @AfterEach
  void unlock() throws IOException {
    lock.close();
  }

  private BackgroundCheckpointWriter writer() {
    return new BackgroundCheckpointWriter(store, MODEL.transformer().layout(), MODEL.newMoments());
  }

  @Test
  void whatIsWrittenIsTheStateAtTheCall() throws Exception {
    CountDownLatch trained = new CountDownLatch(1);
    disk.watch(operation -> await(trained));
    float[] expected;
    try (BackgroundCheckpointWriter writer = writer()) {
      Snapshot snapshot = MODEL.snapshot(5, 5);
      expected = snapshot.weights().data().clone();
      writer.save(snapshot);
      assertThat(writer.isBusy()).isTrue();
      assertThat(store.catalog().list()).isEmpty();
      Arrays.fill(snapshot.weights().data(), 7f);
      Arrays.fill(snapshot.optimizer().get(0).values().data(), 7f);
      trained.countDown();
    }
    Checkpoint found = store.catalog().newest().found();
    assertThat(found.readWeights(MODEL.transformer()).data()).isEqualTo(expected);
  }

  /** Memory for the copy may be what is missing. */
  @Test
  void withoutACopyTheCallerWaits() throws Exception {
    try (BackgroundCheckpointWriter writer = new BackgroundCheckpointWriter(store)) {
      Snapshot snapshot = MODEL.snapshot(5, 5);
      writer.save(snapshot);
      assertThat(writer.isBusy()).isFalse();
      assertThat(store.catalog().newest().found().readWeights(MODEL.transformer()).data())
          .isEqualTo(snapshot.weights().data());
      disk.failOnce(1, path -> new IOException("No space left on device"));
      writer.save(MODEL.snapshot(6, 5));
      assertThatThrownBy(writer::flush).isInstanceOf(CheckpointWriteException.class);
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void oneAfterAnotherNothingIsLeftOut() throws Exception {
    BackgroundCheckpointWriter writer = writer();
    for (long step = 1; step <= 4; step++) {
      writer.save(MODEL.snapshot(step, 1));
    }
    writer.flush();
    assertThat(writer.isBusy()).isFalse();
    assertThat(store.catalog().list()).containsOnlyKeys(1L, 2L, 3L, 4L);
    for (Path path : store.catalog().list().values()) {
      Checkpoint checkpoint = Checkpoint.open(path);
      assertThat(checkpoint.readWeights(MODEL.transformer()).data())
          .isEqualTo(MODEL.snapshot(checkpoint.state().step(), 1).weights().data());
    }
    writer.close();
  }

  @Test
  void aFailureIsReportedOnceAndTheRunMayGoOn() throws Exception {
    BackgroundCheckpointWriter writer = writer();
    writer.save(MODEL.snapshot(1, 1));
    writer.flush();
    disk.failFrom(3, path -> new IOException("No space left on device"));
    writer.save(MODEL.snapshot(2, 1));
    assertThatThrownBy(writer::flush)
        .isInstanceOfSatisfying(
            CheckpointWriteException.class, e -> assertThat(e.step()).isEqualTo(2))
        .hasMessageContaining("the disk is full");
    writer.flush();
    assertThat(store.catalog().newest().found().state().step()).isEqualTo(1);
    disk.repair();
    writer.save(MODEL.snapshot(3, 1));
    writer.close();
    assertThat(store.catalog().newest().found().state().step()).isEqualTo(3);
  }

  @Test
  void closingWaitsAndThrowsTheFailure() throws Exception {
    BackgroundCheckpointWriter writer = writer();
    disk.failFrom(0, path -> new IOException("Input/output error"));
    writer.save(MODEL.snapshot(2, 1));
    assertThatThrownBy(writer::close).isInstanceOf(CheckpointWriteException.class);
    writer.close();
  }

  @Test
  void anInterruptDoesNotEndTheWaiting() throws Exception {
    BackgroundCheckpointWriter writer = writer();
    writer.save(MODEL.snapshot(2, 1));
    Thread.currentThread().interrupt();
    writer.flush();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(store.catalog().newest().found().state().step()).isEqualTo(2);
  }

  @Test
  void anotherLayoutIsRefused() throws Exception {
    try (BackgroundCheckpointWriter writer = writer()) {
      assertThatThrownBy(() -> writer.save(SmallModel.ofBytePairs().snapshot(1, 1)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
