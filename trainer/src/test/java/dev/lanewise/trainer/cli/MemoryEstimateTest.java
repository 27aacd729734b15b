package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Gpt;
import dev.lanewise.trainer.config.ConfigKey;
import dev.lanewise.trainer.config.Preset;
import dev.lanewise.trainer.config.TrainingConfig;
import dev.lanewise.trainer.loop.Trainer;
import org.junit.jupiter.api.Test;

class MemoryEstimateTest {
  private static final KernelSet KERNELS = ScalarKernels.create();

  private static TrainingConfig shards(int shards) {
    return Preset.GPT2_124M.layer().with(ConfigKey.SHARDS, shards).toConfig();
  }

  private static Gpt gpt(TrainingConfig config) {
    return new Gpt(
        config.gptConfig(config.vocabulary()), KERNELS, Trainer.sequencesPerPass(config));
  }

  private static long bytes(TrainingConfig config, int threads) {
    return MemoryEstimate.bytes(config, gpt(config), KERNELS, threads);
  }

  @Test
  void everyShardTakesGradientsOfItsOwn() {
    long parameters = gpt(shards(1)).countParameters();

    assertThat(parameters).isBetween(124_000_000L, 125_000_000L);
    assertThat(bytes(shards(3), 1) - bytes(shards(2), 1)).isEqualTo(4 * parameters);
  }

  @Test
  void everyThreadTakesActivationsOfItsOwn() {
    TrainingConfig config = shards(4);

    assertThat(bytes(config, 4) - bytes(config, 3)).isPositive();
    assertThat(bytes(config, 1)).isGreaterThan(10 * 4 * gpt(config).countParameters());
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheFlagThatWouldDo() {
    TrainingConfig config = shards(2);
    long needed = bytes(config, 2);

    assertThatCode(() -> MemoryEstimate.requireFits(config, gpt(config), KERNELS, 2, needed))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () -> MemoryEstimate.requireFits(config, gpt(config), KERNELS, 2, needed - 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-Xmx%dg".formatted((long) Math.ceil(needed * 1.15 / (1L << 30))));
  }
}
