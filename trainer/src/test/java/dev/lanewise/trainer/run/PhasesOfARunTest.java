package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.trainer.export.ExportedModel;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.Reports;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What takes long in a large run is told of in a small one too. */
class PhasesOfARunTest {

  @TempDir private Path folder;

  private final Reports reports = new Reports();
  private final RecordingListener listener =
      new RecordingListener() {
        @Override
        public void at(Phase phase, long done, long total) {
          reports.at(phase, done, total);
        }
      };

  @Test
  void aNewRun() throws IOException {
    SmallRun.in(folder.resolve("run"))
        .with(ConfigKey.STEPS, 4L)
        .with(ConfigKey.EVALUATE_TOKENS, 16L)
        .train(listener);
    assertThat(reports.phases())
        .containsExactly(
            Phase.READING,
            Phase.COUNTING,
            Phase.ENCODING,
            Phase.CHECKING,
            Phase.EVALUATING,
            Phase.EVALUATING,
            Phase.EVALUATING);
  }

  /** Its checkpoint is hashed, its text, its tokens; then weights and optimizer are read. */
  @Test
  void aResumedRun() throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("run"));
    run.train(new RecordingListener());
    run.resumed().train(listener);
    assertThat(reports.phases())
        .containsExactly(
            Phase.CHECKING, Phase.READING, Phase.CHECKING, Phase.LOADING, Phase.EVALUATING);
    long parameters = run.newest().description().config().vocabularySize();
    assertThat(reports.of(Phase.LOADING).getLast().total())
        .as("weights and two moments")
        .isGreaterThan(3 * 4 * 16 * parameters)
        .matches(bytes -> bytes % 12 == 0);
  }

  @Test
  void aRunWhoseTextIsGone() throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("run"));
    run.train(new RecordingListener());
    run.with((TextSource) null).resumed().train(listener);
    assertThat(reports.phases())
        .containsExactly(Phase.CHECKING, Phase.CHECKING, Phase.LOADING, Phase.EVALUATING);
  }

  @Test
  void aRunThatBeginsWithAModel() throws IOException {
    SmallRun first = SmallRun.in(folder.resolve("first"));
    first.train(new RecordingListener());
    SmallRun.in(folder.resolve("run"))
        .with(ConfigKey.FROM, first.folder().toString())
        .with(ConfigKey.STEPS, 2L)
        .train(listener);
    assertThat(reports.phases())
        .containsExactly(
            Phase.CHECKING,
            Phase.READING,
            Phase.ENCODING,
            Phase.CHECKING,
            Phase.LOADING,
            Phase.EVALUATING,
            Phase.EVALUATING);
  }

  @Test
  void aModelThatIsReadToBeUsed() throws IOException {
    SmallRun run = SmallRun.in(folder.resolve("run"));
    run.train(new RecordingListener());
    KnownModel known = KnownModel.in(run.folder(), reports);
    LoadedModel.forGeneration(
        known, ScalarKernels.create(), WeightPrecision.FILE, any -> {}, reports);
    assertThat(reports.phases()).containsExactly(Phase.CHECKING, Phase.LOADING);
    Reports exported = new Reports();
    ExportedModel.read(run.folder(), note -> {}, exported);
    assertThat(exported.phases()).containsExactly(Phase.CHECKING, Phase.LOADING);
  }
}
