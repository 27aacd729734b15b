package dev.lanewise.trainer.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ConfigLayerTest {
  @Test
  void theUpperLayerWins() {
    ConfigLayer preset = Preset.CHAPTER.layer();
    ConfigLayer file = ConfigLayer.empty().with(ConfigKey.LAYERS, 6).with(ConfigKey.HEADS, 8);
    ConfigLayer options = ConfigLayer.empty().with(ConfigKey.HEADS, 2);

    Settings config = options.over(file).over(preset).toSettings();

    assertThat(config.model().heads()).isEqualTo(2);
    assertThat(config.model().layers()).isEqualTo(6);
    assertThat(config.model().width()).isEqualTo(preset.toSettings().model().width());
    assertThat(preset.toSettings().model().heads()).as("the preset itself").isEqualTo(4);
  }

  @Test
  void everyComponentOfAConfigurationHasItsKey() {
    Settings config = Preset.BABY_GPT.layer().toSettings();

    assertThat(ConfigKey.values()).hasSameSizeAs(Settings.class.getRecordComponents());
    assertThat(ConfigLayer.of(config).toSettings()).isEqualTo(config);
  }

  @Test
  void changingOneSettingChangesThatComponentOnly() {
    for (ConfigKey key : ConfigKey.values()) {
      ConfigLayer changed = Preset.CHAPTER.layer().with(key, other(key));
      for (ConfigKey any : ConfigKey.values()) {
        Object expected =
            any == key ? other(key) : any.valueIn(Preset.CHAPTER.layer().toSettings());
        assertThat(any.valueIn(changed.toSettings())).as(key + " in " + any).isEqualTo(expected);
      }
    }
  }

  private static Object other(ConfigKey key) {
    return switch (key.type()) {
      case INT -> 12_345;
      case LONG -> 1L << 40;
      case DOUBLE -> 0.375;
      case BOOLEAN -> !(Boolean) key.valueIn(Preset.CHAPTER.layer().toSettings());
      case TEXT -> "something else";
      case TOKENIZER -> TokenizerKind.CHAR;
    };
  }

  @Test
  void refusesValuesOfAnotherTypeAndMissingOnes() {
    assertThatThrownBy(() -> ConfigLayer.empty().with(ConfigKey.HEADS, 4L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("heads");
    assertThatThrownBy(() -> ConfigLayer.empty().toSettings())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("tokenizer");
  }
}
