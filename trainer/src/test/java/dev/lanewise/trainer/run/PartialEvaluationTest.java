package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose evaluations read a part of the validation text. */
class PartialEvaluationTest {

  private static final TextSource TEXT =
      TextSource.of("a text", "to be or not to be, that is the question\n".repeat(200));

  @TempDir private Path folder;

  /** Also remembers the losses of evaluations. */
  private static final class Losses extends RecordingListener {

    private final List<Double> measured = new ArrayList<>();
    private final List<Double> exact = new ArrayList<>();

    @Override
    public void onEvaluation(long completedSteps, double loss, boolean best) {
      measured.add(loss);
    }

    @Override
    public void onExactEvaluation(long completedSteps, double loss) {
      exact.add(loss);
    }
  }

  private Losses train(String name, long tokens) throws IOException {
    Losses heard = new Losses();
    SmallRun.in(folder.resolve(name))
        .with(TEXT)
        .with(ConfigKey.EVALUATE_TOKENS, tokens)
        .train(heard);
    return heard;
  }

  @Test
  void atTheEndItIsExactAndTrainingIsTheSame() throws IOException {
    Losses whole = train("whole", 0);
    Losses part = train("part", 64);
    assertThat(part.losses).isEqualTo(whole.losses);
    assertThat(part.measured).hasSameSizeAs(whole.measured).isNotEqualTo(whole.measured);
    assertThat(part.exact).containsExactly(whole.measured.getLast());
    assertThat(whole.exact).isEmpty();
    assertThat(train("again", 64).measured).isEqualTo(part.measured);
  }
}
