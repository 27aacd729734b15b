package dev.lanewise.trainer.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ConfigLayerTest {
  @Test
  void theUpperLayerWins() {
    ConfigLayer preset = Preset.SEED.layer();
    ConfigLayer file = ConfigLayer.empty().with(ConfigKey.LAYERS, 6).with(ConfigKey.HEADS, 8);
    ConfigLayer options = ConfigLayer.empty().with(ConfigKey.HEADS, 2);

    TrainingConfig config = options.over(file).over(preset).toConfig();

    assertThat(config.heads()).isEqualTo(2);
    assertThat(config.layers()).isEqualTo(6);
    assertThat(config.width()).isEqualTo(preset.toConfig().width());
    assertThat(preset.toConfig().heads()).as("the preset itself").isEqualTo(4);
  }

  @Test
  void everyComponentOfAConfigurationHasItsKey() {
    TrainingConfig config = Preset.BABY_GPT.layer().toConfig();

    assertThat(ConfigKey.values()).hasSameSizeAs(TrainingConfig.class.getRecordComponents());
    assertThat(ConfigLayer.of(config).toConfig()).isEqualTo(config);
  }

  @Test
  void changingOneSettingChangesThatComponentOnly() {
    for (ConfigKey key : ConfigKey.values()) {
      ConfigLayer changed = Preset.SEED.layer().with(key, other(key));
      for (ConfigKey any : ConfigKey.values()) {
        Object expected = any == key ? other(key) : any.valueIn(Preset.SEED.layer().toConfig());
        assertThat(any.valueIn(changed.toConfig())).as(key + " in " + any).isEqualTo(expected);
      }
    }
  }

  private static Object other(ConfigKey key) {
    return switch (key.type()) {
      case INT -> 12_345;
      case LONG -> 1L << 40;
      case DOUBLE -> 0.375;
      case BOOLEAN -> !(Boolean) key.valueIn(Preset.SEED.layer().toConfig());
      case TEXT -> "something else";
      case TOKENIZER -> TokenizerKind.CHAR;
    };
  }

  @Test
  void refusesValuesOfAnotherTypeAndMissingOnes() {
    assertThatThrownBy(() -> ConfigLayer.empty().with(ConfigKey.HEADS, 4L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("heads");
    assertThatThrownBy(() -> ConfigLayer.empty().toConfig())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tokenizer");
  }
}
