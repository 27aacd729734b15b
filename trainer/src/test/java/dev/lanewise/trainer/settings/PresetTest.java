package dev.lanewise.trainer.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PresetTest {
  @ParameterizedTest
  @EnumSource(Preset.class)
  void everyPresetCanBeTrainedAndIsFoundByItsName(Preset preset) {
    ConfigLayer layer = preset.layer();
    if (preset == Preset.LORA) {
      // What is added needs a model that is there.
      assertThat(layer.toSettings().problems()).singleElement().asString().contains("--from");
      layer = layer.with(ConfigKey.FROM, "model");
    }
    assertThat(layer.toSettings().problems()).isEmpty();
    assertThat(Preset.named(preset.id())).isEqualTo(preset);
  }

  private static void requireValues(Preset preset, String table) {
    ConfigLayer layer = preset.layer();
    for (String line : table.strip().split("\n", -1)) {
      String[] setting = line.strip().split(" +", 2);
      ConfigKey key = ConfigKey.find(setting[0]).orElseThrow();
      assertThat(layer.value(key)).as(preset + " " + key).contains(key.type().parse(setting[1]));
    }
  }

  @Test
  void chapterIsTheModelOfTheChapterByItsFormerNameToo() {
    assertThat(Preset.named("seed")).isEqualTo(Preset.CHAPTER);
    requireValues(
        Preset.CHAPTER,
        """
        tokenizer    bpe
        vocabulary   5000
        d_model      128
        heads        4
        layers       4
        d_ff         512
        context      128
        batch        32
        biases       true
        tied_head    false
        dropout      0.1
        beta1        0.9
        beta2        0.999
        epsilon      1e-8
        weight_decay 0
        lr           3e-4
        min_lr       1e-6
        warmup       100
        clip         1.0
        """);
  }

  @Test
  void shakespeareIsNanoGptsRunOnACpu() {
    requireValues(
        Preset.SHAKESPEARE_CHAR,
        """
        tokenizer    char
        context      64
        batch        12
        layers       4
        heads        4
        d_model      128
        d_ff         512
        biases       false
        tied_head    true
        dropout      0
        beta1        0.9
        beta2        0.99
        weight_decay 0.1
        lr           1e-3
        min_lr       1e-4
        warmup       100
        steps        2000
        """);
  }

  @Test
  void babyGptIsNanoGptsRunOnAGpu() {
    requireValues(
        Preset.BABY_GPT,
        """
        tokenizer    char
        layers       6
        heads        6
        d_model      384
        d_ff         1536
        context      256
        batch        64
        dropout      0.2
        steps        5000
        """);
  }

  /** How far it looks back is the recipe's to choose. */
  @ParameterizedTest
  @CsvSource({"SHAKESPEARE_FAST, SHAKESPEARE_CHAR", "BABY_GPT_FAST, BABY_GPT"})
  void aFastRecipeIsForTheSameSizeAndText(Preset fast, Preset faithful) {
    List<ConfigKey> same =
        List.of(
            ConfigKey.TOKENIZER,
            ConfigKey.SPLIT,
            ConfigKey.D_MODEL,
            ConfigKey.HEADS,
            ConfigKey.LAYERS,
            ConfigKey.D_FF);
    assertThat(same)
        .allSatisfy(
            key ->
                assertThat(fast.layer().value(key))
                    .isPresent()
                    .isEqualTo(faithful.layer().value(key)));
  }

  @Test
  void gpt2IsTheSmallOne() {
    requireValues(
        Preset.GPT2_124M,
        """
        tokenizer    gpt2
        vocabulary   50257
        layers       12
        heads        12
        d_model      768
        d_ff         3072
        context      1024
        biases       true
        tied_head    true
        """);
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    assertThatThrownBy(() -> Preset.named("gpt5"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll("gpt5", "chapter", "shakespeare-char", "baby-gpt", "gpt2-124m");
  }
}
