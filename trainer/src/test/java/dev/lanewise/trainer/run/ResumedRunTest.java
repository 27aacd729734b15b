package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallModel;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointStore;
import dev.lanewise.trainer.run.checkpoint.RunLock;
import dev.lanewise.trainer.run.checkpoint.Snapshot;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.TextSink;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that are stopped at an inconvenient moment, or whose checkpoint is of no use. */
class ResumedRunTest {

  @TempDir private Path folder;

  private SmallRun run() {
    return SmallRun.in(folder.resolve("run"));
  }

  /** Puts a NaN among the weights of a checkpoint, as a disk would not but an older trainer may. */
  private static void spoil(SmallRun run, long step) throws IOException {
    Checkpoint checkpoint = Checkpoint.open(run.catalog().list().get(step));
    Snapshot spoilt = SmallModel.read(checkpoint);
    ParameterStore store = step % 4 == 0 ? spoilt.weights() : spoilt.optimizer().get(1).values();
    store.data()[3] = Float.NaN;
    try (RunLock lock = RunLock.acquire(run.folder())) {
      CheckpointStore.open(lock, 20).save(spoilt);
    }
  }

  @Test
  void aCheckpointWhoseNumbersAreOfNoUseGivesWayToTheOneBeforeIt() throws IOException {
    SmallRun run = run().with(ConfigKey.CHECKPOINT_EVERY, 2L);
    run.train(new RecordingListener());
    byte[] expected = Files.readAllBytes(run.newest().folder().resolve("model.safetensors"));
    spoil(run, 4);
    spoil(run, 6);
    RecordingListener heard = new RecordingListener();
    run.resumed().train(heard);
    assertThat(heard.steps).containsExactly(2L, 3L, 4L, 5L);
    assertThat(heard.warnings)
        .filteredOn(w -> w.startsWith("a checkpoint is damaged: "))
        .satisfiesExactly(
            w -> assertThat(w).contains("step-000006", "optimizer.state"),
            w -> assertThat(w).contains("step-000004", "model.safetensors"));
    assertThat(heard.warnings)
        .last()
        .asString()
        .contains("the one before it is used", "step-000002");
    assertThat(run.newest().folder().resolve("model.safetensors")).hasBinaryContent(expected);
  }

  @Test
  void whenNoneIsOfUseNoneIsSaidToBeUsed() throws IOException {
    SmallRun run = run().with(ConfigKey.STEPS, 2L);
    run.train(new RecordingListener());
    spoil(run, 2);
    RecordingListener heard = new RecordingListener();
    assertThatThrownBy(() -> run.resumed().train(heard))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no checkpoint in " + run.catalog().folder());
    assertThat(heard.warnings).singleElement().asString().startsWith("a checkpoint is damaged: ");
  }

  @Test
  void aStopInAnEvaluationDoesNotShowInTheResult() throws IOException {
    SmallRun whole = SmallRun.in(folder.resolve("whole"));
    TrainingRun.Outcome expected = whole.train(new RecordingListener());
    TrainingRun.Outcome interrupted =
        run()
            .train(
                stop ->
                    RecordingListener.afterStep(
                        step -> {
                          if (step == 5) {
                            stop.run();
                          }
                        }));
    assertThat(interrupted.completed()).isFalse();
    assertThat(interrupted.completedSteps()).isEqualTo(6);

    RecordingListener rest = new RecordingListener();
    TrainingRun.Outcome outcome = run().resumed().train(rest);
    assertThat(rest.steps).isEmpty();
    assertThat(rest.evaluations).containsExactly(6L);
    assertThat(outcome.best()).isEqualTo(expected.best());
    assertThat(outcome.best().step()).as("the last evaluation is the best").isEqualTo(6);
    assertThat(run().newest().state()).isEqualTo(whole.newest().state());
    assertThat(run().catalog().best().found().state().step()).isEqualTo(6);
  }

  @Test
  void aRunStopsWhileItsTokenizerIsLearned() throws IOException {
    SmallRun learning = run().with(ConfigKey.TOKENIZER, "bpe").with(ConfigKey.VOCABULARY, 262);
    requireNothingDone(
        learning.train(
            stop ->
                new RecordingListener() {
                  @Override
                  public void at(Phase phase, long done, long total) {
                    if (phase == Phase.LEARNING) {
                      stop.run();
                    }
                  }
                }));
    assertThat(learning.resumed().train(new RecordingListener()).completed()).isTrue();
  }

  @Test
  void aRunStopsWhileItsTextIsRead() throws IOException {
    TrainingRun[] stopped = new TrainingRun[1];
    TextSource text =
        new TextSource() {
          @Override
          public String description() {
            return "a text";
          }

          @Override
          public void copyTo(TextSink sink) throws IOException {
            SmallRun.TEXT.copyTo(
                (utf8, offset, length) -> {
                  stopped[0].stop();
                  sink.accept(utf8, offset, length);
                  throw new AssertionError("read on");
                });
          }
        };
    stopped[0] = new TrainingRun(run().with(text).options(), new RecordingListener());
    requireNothingDone(stopped[0].run());
  }

  private void requireNothingDone(TrainingRun.Outcome outcome) throws IOException {
    assertThat(outcome)
        .isEqualTo(
            new TrainingRun.Outcome(
                false, run().options().settings().step().steps(), 0, 0, null, null));
    assertThat(run().catalog().list()).isEqualTo(Map.of());
  }
}
