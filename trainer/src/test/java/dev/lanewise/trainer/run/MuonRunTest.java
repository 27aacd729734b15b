package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.settings.ConfigKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An optimizer whose stores are of different parameters is killed and resumes to the same bits. */
class MuonRunTest {

  private static final String LAST = "checkpoints/step-000006/";

  @TempDir private Path folder;

  private static SmallRun muon(Path run) {
    return SmallRun.in(run)
        .with(ConfigKey.OPTIMIZER, "muon")
        .with(ConfigKey.WEIGHT_DECAY, 0.1)
        .with(ConfigKey.CHECKPOINT_EVERY, 2L);
  }

  @Test
  void isKilledAndResumesToTheSameBits() throws IOException {
    Path whole = folder.resolve("whole");
    Path killed = folder.resolve("killed");
    muon(whole).train(new RecordingListener());
    assertThatThrownBy(
            () ->
                muon(killed)
                    .train(
                        RecordingListener.afterStep(
                            step -> {
                              if (step == 4) {
                                throw new IllegalStateException("killed");
                              }
                            })))
        .hasMessage("killed");
    RecordingListener resumed = new RecordingListener();
    muon(killed).resumed().train(resumed);

    assertThat(resumed.steps.getFirst()).isPositive();
    for (String name : List.of("model.safetensors", "optimizer.state")) {
      assertThat(killed.resolve(LAST + name)).hasSameBinaryContentAs(whole.resolve(LAST + name));
    }
  }

  @Test
  void aCheckpointHasOneStoreOfMatricesAndTwoOfTheRest() throws IOException {
    Path run = folder.resolve("run");
    muon(run).train(new RecordingListener());
    try (SafetensorsFile file = SafetensorsFile.open(run.resolve(LAST + "optimizer.state"))) {
      assertThat(file.names())
          .contains("momentum.h.0.mlp.c_fc.weight", "exp_avg.wte.weight", "exp_avg_sq.wte.weight")
          .doesNotContain("exp_avg.h.0.mlp.c_fc.weight", "momentum.wte.weight");
    }
  }
}
