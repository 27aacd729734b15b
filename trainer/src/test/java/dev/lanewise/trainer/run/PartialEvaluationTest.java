package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.OutputSettings;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose evaluations read a part of the validation text. */
class PartialEvaluationTest {

  private static final TextSource TEXT =
      TextSource.of("a text", "to be or not to be, that is the question\n".repeat(200));

  @TempDir private Path folder;

  private RecordingListener train(String name, long tokens) throws IOException {
    RecordingListener heard = new RecordingListener();
    SmallRun.in(folder.resolve(name))
        .with(TEXT)
        .with(ConfigKey.EVALUATE_TOKENS, tokens)
        .train(heard);
    return heard;
  }

  @Test
  void atTheEndItIsExactAndTrainingIsTheSame() throws IOException {
    RecordingListener whole = train("whole", 0);
    RecordingListener part = train("part", 64);
    assertThat(part.losses).isEqualTo(whole.losses);
    assertThat(part.evaluationLosses)
        .hasSameSizeAs(whole.evaluationLosses)
        .isNotEqualTo(whole.evaluationLosses);
    assertThat(part.exactLosses).containsExactly(whole.evaluationLosses.getLast());
    assertThat(whole.exactLosses).isEmpty();
    assertThat(train("again", 64).evaluationLosses).isEqualTo(part.evaluationLosses);
  }

  @Test
  void aTenthOfTheTimeIsThreeTenthsOfTheTokensBetween() {
    OutputSettings output =
        SmallSettings.layer()
            .with(ConfigKey.EVALUATE_EVERY, 100L)
            .with(ConfigKey.EVALUATE_TOKENS, OutputSettings.A_TENTH)
            .toSettings()
            .output();
    assertThat(output.tokensOfAnEvaluation(4096)).isEqualTo(122_880);
    assertThat(output.tokensOfAnEvaluation(32)).isEqualTo(10_000);
    assertThat(SmallSettings.layer().toSettings().output().tokensOfAnEvaluation(4096)).isZero();
  }
}
