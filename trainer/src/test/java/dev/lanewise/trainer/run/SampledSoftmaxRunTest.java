package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose first three quarters take the softmax over some tokens alone. */
class SampledSoftmaxRunTest {

  private static final int STEPS = 20;
  private static final int EXACT_FROM = 15;
  private static final TextSource TEXT = TextSource.of("a text", Texts.SAMPLE + Texts.LINES);

  @TempDir private Path folder;

  /** 14 rows to a pass, and 3 tokens beside their targets. */
  private SmallRun run(String name) {
    return SmallRun.in(folder.resolve(name))
        .with(TEXT)
        .with(VectorKernels.create())
        .with(ConfigKey.SAMPLED_SOFTMAX, 3)
        .with(ConfigKey.DROPOUT, 0.1)
        .with(ConfigKey.CONTEXT, 7)
        .with(ConfigKey.BATCH, 5)
        .with(ConfigKey.SHARDS, 3)
        .with(ConfigKey.ACCUMULATION, 2)
        .with(ConfigKey.STEPS, (long) STEPS)
        .with(ConfigKey.EVALUATE_EVERY, 100L)
        .with(ConfigKey.SAMPLE_TOKENS, 5);
  }

  private static List<StepMetrics> train(SmallRun run, int threads) throws IOException {
    List<StepMetrics> taken = new ArrayList<>();
    run.train(
        threads,
        new RecordingListener() {
          @Override
          public void onStep(StepMetrics metrics) {
            taken.add(metrics);
          }
        });
    return taken;
  }

  private static void assertSame(SmallRun found, SmallRun expected) {
    for (String name : List.of("model.safetensors", "optimizer.state")) {
      String file = "checkpoints/step-%06d/%s".formatted(STEPS, name);
      assertThat(found.folder().resolve(file))
          .as(name)
          .hasSameBinaryContentAs(expected.folder().resolve(file));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void threadsAndKernelsDoNotShow(boolean tiedHead) throws IOException {
    SmallRun one = run("one").with(ConfigKey.TIED_HEAD, tiedHead);
    train(one, 1);
    for (int threads : new int[] {2, 3, 7}) {
      SmallRun several = run("threads" + threads).with(ConfigKey.TIED_HEAD, tiedHead);
      train(several, threads);
      assertSame(several, one);
    }
    SmallRun scalar =
        run("scalar").with(ConfigKey.TIED_HEAD, tiedHead).with(ScalarKernels.create());
    train(scalar, 2);
    assertSame(scalar, one);
  }

  @ParameterizedTest
  @ValueSource(longs = {2, 14, 15, 18})
  void killedItResumesToTheSameBits(long after) throws IOException {
    SmallRun whole = run("whole");
    train(whole, 1);
    SmallRun killed = run("killed").with(ConfigKey.CHECKPOINT_EVERY, 2L);
    assertThatThrownBy(
            () ->
                killed.train(
                    RecordingListener.afterStep(
                        step -> {
                          if (step == after) {
                            throw new IllegalStateException("killed");
                          }
                        })))
        .hasMessage("killed");
    killed.resumed().train(new RecordingListener());
    assertSame(killed, whole);
  }

  /** Its arithmetic is counted, and the last quarter of the steps has as much as without. */
  @Test
  void theLastQuarterIsExact() throws IOException {
    List<StepMetrics> sampled = train(run("sampled"), 2);
    List<StepMetrics> exact = train(run("exact").with(ConfigKey.SAMPLED_SOFTMAX, 0), 2);
    for (int step = 0; step < STEPS; step++) {
      if (step < EXACT_FROM) {
        assertThat(sampled.get(step).flops()).isLessThan(exact.get(step).flops());
      } else {
        assertThat(sampled.get(step).flops()).isEqualTo(exact.get(step).flops());
      }
    }
    assertThat(sampled.getFirst().loss()).isNotEqualTo(exact.getFirst().loss());
  }

  /** The time of a run is that of both kinds of step, so a dry run takes both. */
  @Test
  void aDryRunLooksAtBothKindsOfStep() throws IOException {
    List<Long> flops = new ArrayList<>();
    RecordingListener listener =
        new RecordingListener() {
          @Override
          public void onStep(StepMetrics metrics) {
            flops.add(metrics.flops());
          }
        };
    assertThat(new TrainingRun(run("dry").options(), listener).forecast()).isPresent();
    assertThat(flops).hasSize(STEPS);
    assertThat(flops.subList(0, EXACT_FROM)).containsOnly(flops.getFirst());
    assertThat(flops.subList(EXACT_FROM, STEPS)).containsOnly(flops.getLast());
    assertThat(flops.getFirst()).isLessThan(flops.getLast());
  }
}
