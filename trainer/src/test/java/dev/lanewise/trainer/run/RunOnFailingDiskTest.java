package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import dev.lanewise.trainer.fixture.disk.PowerCut;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.text.TextFiles;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A whole run on a disk that refuses, or is slow, when it is told to. */
class RunOnFailingDiskTest {

  @TempDir private Path folder;

  private final FailingDisk disk = new FailingDisk();

  private SmallRun run() {
    return SmallRun.in(disk.path(folder.resolve("run"))).with(ConfigKey.KEEP, 1);
  }

  /** The disk has no room for the weights of one step, until the run has said so. */
  private class FullAt extends RecordingListener {
    FullAt(long step) {
      AtomicBoolean full = new AtomicBoolean();
      disk.watch(
          operation -> {
            full.compareAndSet(false, operation.endsWith("writing-step-%06d".formatted(step)));
            if (full.get() && operation.equals("write model.safetensors")) {
              throw new IOException("No space left on device");
            }
          });
    }

    @Override
    public void onWarning(String message) {
      super.onWarning(message);
      disk.watch(operation -> {});
    }
  }

  @Test
  void aBestThatCouldNotBeSavedIsForgotten() throws IOException {
    SmallRun run = run().with(CheckpointFailurePolicy.CONTINUE).with(ConfigKey.STEPS, 100L);
    TrainingRun[] stopped = new TrainingRun[1];
    RecordingListener heard =
        new FullAt(4) {
          @Override
          public void onStep(StepMetrics metrics) {
            if (metrics.step() == 4) {
              stopped[0].stop();
            }
          }
        };
    stopped[0] = new TrainingRun(run.options(), heard);
    TrainingRun.Outcome outcome = stopped[0].run();
    assertThat(heard.warnings).singleElement().asString().contains("step 4", "the disk is full");
    assertThat(heard.evaluations).containsExactly(2L, 4L);
    assertThat(heard.saved).containsExactly(2L, 5L);
    assertThat(outcome.best().step()).isEqualTo(2);
    assertThat(run.newest().state().best().step()).isEqualTo(2);
    assertThat(run.catalog().best().found().state().step()).isEqualTo(2);
  }

  @Test
  void aRunThatStopsAtAFailureLeavesTheFormerCheckpoint() throws IOException {
    SmallRun run = run().with(CheckpointFailurePolicy.STOP);
    FullAt heard = new FullAt(4);
    assertThatThrownBy(() -> run.train(heard))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the checkpoint of step 4 could not be written")
        .hasMessageContaining("the disk is full");
    assertThat(run.newest().state().step()).isEqualTo(2);
    RecordingListener rest = new RecordingListener();
    assertThat(run.resumed().train(rest).completed()).isTrue();
    assertThat(rest.steps).containsExactly(2L, 3L, 4L, 5L);
  }

  @Test
  void aRunThatGoesOnFailsIfItsLastCheckpointDoes() throws IOException {
    SmallRun run = run().with(CheckpointFailurePolicy.CONTINUE);
    FullAt heard = new FullAt(6);
    assertThatThrownBy(() -> run.train(heard)).hasMessageContaining("the checkpoint of step 6");
    assertThat(heard.warnings).hasSize(1);
    assertThat(run.newest().state().step()).isEqualTo(4);
  }

  @Test
  void stepsAreTakenWhileACheckpointIsWritten() throws IOException {
    CountDownLatch twoSteps = new CountDownLatch(2);
    disk.watch(
        operation -> {
          if (operation.equals("write model.safetensors") && !wait(twoSteps)) {
            throw new IOException("no step was taken meanwhile");
          }
        });
    RecordingListener heard =
        RecordingListener.afterStep(
            step -> {
              if (step >= 3) {
                twoSteps.countDown();
              }
            });
    run().with(ConfigKey.CHECKPOINT_EVERY, 3L).with(ConfigKey.EVALUATE_EVERY, 100L).train(heard);
    assertThat(heard.saved).containsExactly(3L, 6L);
  }

  private static boolean wait(CountDownLatch latch) throws IOException {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** A try with another text, of which a start may find files. */
  private void fail(Path folder, Path text) throws IOException {
    SmallRun other = SmallRun.in(folder).with(TextFiles.of(List.of(text)));
    TrainingRun stopped =
        new TrainingRun(other.options(), new RecordingListener())
            .withMemory(
                (transformer, storage, validationTokens) -> {
                  throw new IllegalStateException("given up");
                });
    assertThatThrownBy(stopped::run).hasMessage("given up");
  }

  /** All operations of a start fail from one on, as at a kill, also where another try was made. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStartThatIsKilledAnywhereIsResumedOnItsTextOrRefused(boolean again) throws IOException {
    Path right = Files.writeString(folder.resolve("right.txt"), Texts.LINES);
    Path wrong = Files.writeString(folder.resolve("wrong.txt"), "a rose is a rose\n".repeat(50));
    int trained = 0;
    int refused = 0;
    boolean killed = true;
    for (int at = 0; killed; at++) {
      Path real = folder.resolve("start-" + at);
      if (again) {
        fail(real, wrong);
      }
      SmallRun run =
          SmallRun.in(disk.path(real))
              .with(TextFiles.of(List.of(right)))
              .with(ConfigKey.STEPS, 1L)
              .with(ConfigKey.WARMUP, 0L);
      disk.failFrom(at, path -> new IOException("killed"));
      killed = false;
      try {
        run.train(new RecordingListener());
      } catch (IOException | UncheckedIOException e) {
        killed = true;
      }
      disk.repair();
      RunFolder left = new RunFolder(real);
      RecordingListener heard = new RecordingListener();
      Optional<ConfigLayer> settings = Resume.settings(left, heard.warnings::add);
      if (settings.isEmpty()) {
        refused++;
        continue;
      }
      boolean former = settings.get().value(ConfigKey.STEPS).equals(Optional.of(6L));
      Optional<List<Path>> text = Resume.text(left, heard.warnings::add);
      assertThat(text).as("killed at %d", at).contains(List.of(former ? wrong : right));
      if (former) {
        assertThat(again).isTrue();
        continue;
      }
      SmallRun.in(real)
          .with(TextFiles.of(text.get()))
          .with(ConfigKey.STEPS, 1L)
          .with(ConfigKey.WARMUP, 0L)
          .resumed()
          .train(heard);
      trained++;
    }
    assertThat(refused).isGreaterThan(3);
    assertThat(trained).isGreaterThan(10);
  }

  /** Where another try was made, whose corpus must not pass for the run's when the text is gone. */
  @ParameterizedTest
  @EnumSource
  void aStartThatAPowerCutEndsNeverTakesTheCorpusOfAnother(PowerCut.Luck luck) throws IOException {
    Path wrong = Files.writeString(folder.resolve("wrong.txt"), "a rose is a rose\n".repeat(50));
    SplittableRandom random = new SplittableRandom(7);
    int begun = 0;
    boolean off = true;
    for (int at = 0; off; at++) {
      Path text = Files.writeString(folder.resolve("right.txt"), "to be or not to be\n".repeat(50));
      Path root = Files.createDirectory(folder.resolve("start-" + at));
      FailingDisk machine = new FailingDisk();
      PowerCut power = machine.watchPower(root);
      fail(machine.path(root.resolve("run")), wrong);
      SmallRun run =
          SmallRun.in(machine.path(root.resolve("run")))
              .with(TextFiles.of(List.of(text)))
              .with(ConfigKey.STEPS, 1L);
      machine.failFrom(at, path -> new IOException("off"));
      off = false;
      try {
        run.train(new RecordingListener());
      } catch (IOException | UncheckedIOException e) {
        off = true;
      }
      power.cut(luck, random);
      Files.delete(text);
      RunFolder left = new RunFolder(root.resolve("run"));
      Optional<ConfigLayer> settings = Resume.settings(left, warning -> {});
      if (settings.isPresent() && settings.get().value(ConfigKey.STEPS).equals(Optional.of(1L))) {
        begun++;
        requireCorpusOfItsOwnOrNone(left);
      }
    }
    assertThat(begun).isGreaterThan(10);
  }

  private static void requireCorpusOfItsOwnOrNone(RunFolder run) throws IOException {
    SmallRun rest =
        SmallRun.in(run.path()).with((TextSource) null).with(ConfigKey.STEPS, 1L).resumed();
    try {
      assertThat(Resume.text(run, warning -> {})).isEmpty();
      assertThat(rest.train(new RecordingListener()).completed()).isTrue();
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("--data");
      return;
    }
    // 950 bytes of the text of the run, 850 of the other one.
    assertThat(Files.readString(run.data().resolve("corpus.txt"))).contains(" bytes 950");
  }

  @Test
  void theFolderOfCheckpointsIsMadeAgain() throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("run"));
    run.train(
        new RecordingListener() {
          @Override
          public void onCheckpoint(long completedSteps, Path written) {
            if (completedSteps == 2) {
              delete(written.getParent());
            }
          }
        });
    assertThat(run.catalog().list()).doesNotContainKey(2L);
    assertThat(run.newest().state().step()).isEqualTo(6);
  }

  private static void delete(Path tree) {
    try {
      DurableFiles.deleteTree(tree);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The run is moved away and another one comes into its place, which must stay as it is. */
  @Test
  void aRunWhoseFolderIsReplacedEndsAtOnceAndLeavesTheOtherAlone() throws IOException {
    // No checkpoint, which is written beside the steps, can find the moment without a folder.
    SmallRun run =
        SmallRun.in(folder.resolve("run"))
            .with(ConfigKey.STEPS, 1000L)
            .with(ConfigKey.EVALUATE_EVERY, 1000L);
    RecordingListener heard =
        RecordingListener.afterStep(
            step -> {
              if (step == 2) {
                replace(run.folder());
              }
            });
    assertThatThrownBy(() -> run.train(heard))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(run.folder().toString(), "another folder has taken the place");
    assertThat(heard.steps).containsExactly(0L, 1L, 2L);
    assertThat(run.folder()).isEmptyDirectory();
  }

  private void replace(Path run) {
    try {
      Files.move(run, folder.resolve("moved"));
      Files.createDirectory(run);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatARunCreatesIsOnTheDiskBeforeItsFirstCheckpoint() throws IOException {
    SmallRun run = run().with(ConfigKey.STEPS, 2L);
    run.train(new RecordingListener());
    List<String> all = disk.operations();
    int config = all.indexOf("rename config.yaml");
    int metrics = all.indexOf("create metrics.jsonl");
    assertThat(config).isNotNegative();
    assertThat(all.subList(config, metrics)).contains("fsync run");
    assertThat(all.subList(metrics, all.indexOf("rename step-000002"))).contains("fsync run");
  }
}
