package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.family.Families;
import dev.lanewise.model.layer.CrossEntropyLoss;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose training loss divides the logits by a temperature. */
class LossTemperatureRunTest {

  private static final String WEIGHTS = "checkpoints/step-000012/model.safetensors";
  private static final TextSource TEXT = TextSource.of("a text", Texts.SAMPLE + Texts.LINES);

  @TempDir private Path folder;

  private SmallRun run(String name, double temperature) {
    return SmallRun.in(folder.resolve(name))
        .with(TEXT)
        .with(VectorKernels.create())
        .with(ConfigKey.LOSS_TEMPERATURE, temperature)
        .with(ConfigKey.CONTEXT, 7)
        .with(ConfigKey.STEPS, 12L)
        .with(ConfigKey.EVALUATE_EVERY, 100L)
        .with(ConfigKey.SAMPLE_TOKENS, 5);
  }

  @Test
  void killedItResumesToTheSameBits() throws IOException {
    SmallRun whole = run("whole", 0.75);
    whole.train(new RecordingListener());
    SmallRun killed = run("killed", 0.75).with(ConfigKey.CHECKPOINT_EVERY, 2L);
    assertThatThrownBy(
            () ->
                killed.train(
                    RecordingListener.afterStep(
                        step -> {
                          if (step == 5) {
                            throw new IllegalStateException("killed");
                          }
                        })))
        .hasMessage("killed");
    killed.resumed().train(new RecordingListener());

    assertThat(killed.folder().resolve(WEIGHTS))
        .hasSameBinaryContentAs(whole.folder().resolve(WEIGHTS));
  }

  /** The first loss is taken of the same weights. */
  @Test
  void eachTemperatureHasALossOfItsOwn() throws IOException {
    double plain = firstLoss(run("plain", 1));
    assertThat(firstLoss(run("flat", 0.5))).isNotEqualTo(plain);
    assertThat(firstLoss(run("steep", 2))).isNotEqualTo(plain);
  }

  @Test
  void aModelToBeginWithIsTrainedWithItToo() {
    Settings settings = SmallSettings.layer().with(ConfigKey.LOSS_TEMPERATURE, 0.75).toSettings();
    TransformerConfig begun = Families.STANDARD.named("llama").examples(0).getFirst();

    assertThat(settings.model().trained(begun).loss())
        .isEqualTo(new CrossEntropyLoss.Choice(0, 0.75f));
  }

  private static double firstLoss(SmallRun run) throws IOException {
    List<StepMetrics> taken = new ArrayList<>();
    run.train(
        new RecordingListener() {
          @Override
          public void onStep(StepMetrics metrics) {
            taken.add(metrics);
          }
        });
    return taken.getFirst().loss();
  }
}
