package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Preset;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A family that is not the preset's: the user is not blamed for what only the preset says. */
class FittedPresetTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "quickstart | gpt2 | --ngrams is \"\" instead of 2:65536,3:65536; --rope-theta is 0.0 instead of 10000.0",
        "quickstart | gpt_neox | --ngrams is \"\" instead of 2:65536,3:65536; --biases is true instead of false",
        "quickstart | llama | --ngrams is \"\" instead of 2:65536,3:65536",
        "shakespeare-fast | llama | --ngrams is \"\" instead of 2:4290,3:65536,4:65536,5:65536",
        "llama-tiny | gpt2 | --rope-theta is 0.0 instead of 10000.0; --kv-heads is 0 instead of 2",
        "llama-tiny | qwen2 | ",
        "chapter | llama | --biases is false instead of true",
        "shakespeare-char | lanewise | --tied-head is false instead of true",
      })
  void whatThePresetSaysGivesWayAndIsTold(String preset, String family, String changes) {
    ConfigLayer given = ConfigLayer.empty().with(ConfigKey.FAMILY, family);
    List<String> notes = new ArrayList<>();
    ConfigLayer fitted = FittedPreset.of(Preset.named(preset).layer(), given, notes::add);

    String told = "for --family " + family + ", ";
    assertThat(notes)
        .allMatch(note -> note.startsWith(told))
        .map(note -> note.substring(told.length()))
        .containsExactlyInAnyOrder(changes == null ? new String[0] : changes.split("; "));
    assertThat(given.over(fitted).toSettings().model().description(100).family().id())
        .isEqualTo(family);
  }

  /** The same family again changes nothing, and its tables stay. */
  @Test
  void theFamilyOfThePresetKeepsAllOfIt() {
    ConfigLayer preset = Preset.QUICKSTART.layer();
    ConfigLayer given = ConfigLayer.empty().with(ConfigKey.FAMILY, "lanewise");

    assertThat(FittedPreset.of(preset, given, Assertions::fail)).isEqualTo(preset);
  }

  @Test
  void whatTheUserSaysStays() {
    ConfigLayer given =
        ConfigLayer.empty()
            .with(ConfigKey.FAMILY, "gpt2")
            .with(ConfigKey.ROPE_THETA, 500.0)
            .with(ConfigKey.NGRAMS, "2:100");
    ConfigLayer fitted = FittedPreset.of(Preset.QUICKSTART.layer(), given, Assertions::fail);

    assertThat(given.over(fitted).value(ConfigKey.ROPE_THETA)).contains(500.0);
    assertThat(given.over(fitted).value(ConfigKey.NGRAMS)).contains("2:100");
  }

  @Test
  void theCommandsTakeThePresetSo() {
    CommandRun train = CommandRun.line("train --family gpt2 --dry-run --data nowhere");
    assertThat(train.err())
        .contains("--rope-theta is 0.0 instead of", "--ngrams is \"\" instead of")
        .doesNotContain("leave");
    CommandRun bench = CommandRun.line("bench --family gpt2 --layers 9999 --d-model 4096");
    assertThat(bench.err()).contains("make the model smaller").doesNotContain("tables", "leave");
  }
}
