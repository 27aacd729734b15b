package dev.lanewise.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Gpt;
import dev.lanewise.trainer.config.ConfigKey;
import dev.lanewise.trainer.config.Preset;
import dev.lanewise.trainer.config.TrainingConfig;
import dev.lanewise.trainer.data.TextSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A loss that is NaN once, in the middle of a run that goes on. */
class SkippedStepTest {

  private static final int STEPS = 6;

  @TempDir private Path folder;

  @Test
  void aSkippedStepIsCountedAndTheRunGoesOn() throws IOException {
    Heard heard = new Heard();
    TrainingRun.Outcome outcome = train("skipping", badOnce(4), heard);

    assertThat(outcome.completed()).isTrue();
    assertThat(outcome.completedSteps()).isEqualTo(STEPS);
    assertThat(outcome.skippedSteps()).isEqualTo(1);
    assertThat(heard.skipped).containsExactly(3L);
    assertThat(heard.steps).containsExactly(0L, 1L, 2L, 4L, 5L);
    assertThat(heard.losses).allMatch(Double::isFinite);

    Heard sound = new Heard();
    assertThat(train("sound", ScalarKernels.create(), sound).skippedSteps()).isZero();
    assertThat(heard.losses.subList(0, 3)).isEqualTo(sound.losses.subList(0, 3));
  }

  private TrainingRun.Outcome train(String run, KernelSet kernels, Heard heard) throws IOException {
    TrainingConfig config =
        Preset.SHAKESPEARE_CHAR
            .layer()
            .with(ConfigKey.LAYERS, 1)
            .with(ConfigKey.D_MODEL, 16)
            .with(ConfigKey.D_FF, 32)
            .with(ConfigKey.CONTEXT, 16)
            .with(ConfigKey.BATCH, 1)
            .with(ConfigKey.STEPS, (long) STEPS)
            .with(ConfigKey.WARMUP, 1L)
            .with(ConfigKey.SAMPLE_TOKENS, 0)
            .toConfig();
    TrainingRun.Settings settings =
        new TrainingRun.Settings(
            config,
            folder.resolve(run),
            TextSource.of("a text", "to be or not to be\n".repeat(50)),
            1,
            kernels,
            false,
            NonFinitePolicy.SKIP,
            CheckpointFailurePolicy.STOP);
    return new TrainingRun(settings, heard).run();
  }

  /** The batch is one sequence, so a step is one call. */
  private static KernelSet badOnce(int badCall) {
    KernelSet sound = ScalarKernels.create();
    CrossEntropy crossEntropy = new BadOnce(sound.crossEntropy(), badCall);
    return new KernelSet(
        "bad once",
        sound.matmul(),
        sound.attention(),
        sound.softmax(),
        sound.gelu(),
        sound.layerNorm(),
        crossEntropy,
        sound.embedding(),
        sound.dropout(),
        sound.elementwise(),
        sound.transcendental(),
        sound.reduction(),
        sound.adamW());
  }

  /** Its n-th loss with a gradient is NaN. */
  private static final class BadOnce implements CrossEntropy {
    private final CrossEntropy sound;
    private final int badCall;
    private int calls;

    BadOnce(CrossEntropy sound, int badCall) {
      this.sound = sound;
      this.badCall = badCall;
    }

    @Override
    public void loss(
        int rows,
        int n,
        float[] logits,
        int offset,
        int stride,
        int[] targets,
        int targetsOffset,
        float[] losses,
        int lossesOffset) {
      sound.loss(rows, n, logits, offset, stride, targets, targetsOffset, losses, lossesOffset);
    }

    @Override
    public void lossAndGradient(
        int rows,
        int n,
        float scale,
        float[] logits,
        int offset,
        int stride,
        int[] targets,
        int targetsOffset,
        float[] losses,
        int lossesOffset) {
      sound.lossAndGradient(
          rows, n, scale, logits, offset, stride, targets, targetsOffset, losses, lossesOffset);
      if (++calls == badCall) {
        losses[lossesOffset] = Float.NaN;
      }
    }
  }

  /** Remembers the steps. */
  private static final class Heard implements TrainingListener {
    private final List<Long> steps = new ArrayList<>();
    private final List<Double> losses = new ArrayList<>();
    private final List<Long> skipped = new ArrayList<>();

    @Override
    public void onTokenizer(int done, int total) {}

    @Override
    public void onBegin(long completedSteps) {}

    @Override
    public void onPlanned(Gpt gpt, long validationTokens) {}

    @Override
    public void onReady(RunFacts facts) {}

    @Override
    public void onStep(StepMetrics metrics) {
      steps.add(metrics.step());
      losses.add(metrics.loss());
    }

    @Override
    public void onSkippedStep(long step, String reason) {
      skipped.add(step);
    }

    @Override
    public void onEvaluation(long completedSteps, double loss, boolean best) {}

    @Override
    public void onSample(long completedSteps, String text) {}

    @Override
    public void onSaving(long completedSteps) {}

    @Override
    public void onCheckpoint(long completedSteps, Path folder) {}

    @Override
    public void onWarning(String message) {}
  }
}
