package dev.lanewise.trainer.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
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

    long components =
        Arrays.stream(Settings.class.getRecordComponents())
            .mapToLong(part -> part.getType().getRecordComponents().length)
            .sum();
    assertThat(ConfigKey.values()).hasSize((int) components);
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
      case NAME -> "another";
    };
  }

  @Test
  void refusesValuesOfAnotherType() {
    assertThatThrownBy(() -> ConfigLayer.empty().with(ConfigKey.HEADS, 4L))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("heads");
  }

  @Test
  void whatALayerLacksIsTheDefault() {
    Settings settings = ConfigLayer.empty().toSettings();
    for (ConfigKey key : ConfigKey.values()) {
      assertThat(key.valueIn(settings)).as(key.key()).isEqualTo(key.defaultValue());
    }
    assertThat(settings.problems()).isEmpty();
  }
}
