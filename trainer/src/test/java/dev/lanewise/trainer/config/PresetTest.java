package dev.lanewise.trainer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PresetTest {
  @ParameterizedTest
  @EnumSource(Preset.class)
  void everyPresetHasEverySettingAndCanBeTrained(Preset preset) {
    ConfigLayer layer = preset.layer();

    assertThat(layer.keys()).isEqualTo(EnumSet.allOf(ConfigKey.class));
    assertThat(ConfigCheck.problems(layer.toConfig())).isEmpty();
    assertThat(Preset.named(preset.id())).isEqualTo(preset);
  }

  @Test
  void seedIsTheModelOfTheChapter() {
    TrainingConfig seed = Preset.SEED.layer().toConfig();

    assertThat(seed.tokenizer()).isEqualTo(TokenizerKind.BPE);
    assertThat(seed.vocabulary()).isEqualTo(5000);
    assertThat(seed.width()).isEqualTo(128);
    assertThat(seed.heads()).isEqualTo(4);
    assertThat(seed.layers()).isEqualTo(4);
    assertThat(seed.feedForwardWidth()).isEqualTo(512);
    assertThat(seed.context()).isEqualTo(128);
    assertThat(seed.batch()).isEqualTo(32);
    assertThat(seed.dropout()).isEqualTo(0.1);
    assertThat(seed.maxLearningRate()).isEqualTo(3e-4);
    assertThat(seed.minLearningRate()).isEqualTo(1e-6);
    assertThat(seed.weightDecay()).isZero();
    assertThat(seed.tiedHead()).isFalse();
    assertThat(seed.biases()).isTrue();
  }

  @Test
  void shakespeareIsNanoGptsRunOnACpu() {
    TrainingConfig config = Preset.SHAKESPEARE_CHAR.layer().toConfig();

    assertThat(config.tokenizer()).isEqualTo(TokenizerKind.CHAR);
    assertThat(config.context()).isEqualTo(64);
    assertThat(config.batch()).isEqualTo(12);
    assertThat(config.steps()).isEqualTo(2000);
    assertThat(config.beta2()).isEqualTo(0.99);
    assertThat(config.weightDecay()).isEqualTo(0.1);
    assertThat(config.maxLearningRate()).isEqualTo(1e-3);
    assertThat(config.minLearningRate()).isEqualTo(1e-4);
    assertThat(config.tiedHead()).isTrue();
    assertThat(config.biases()).isFalse();
    assertThat(config.dropout()).isZero();
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    assertThatThrownBy(() -> Preset.named("gpt5"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll("gpt5", "seed", "shakespeare-char", "baby-gpt", "gpt2-124m");
  }
}
