package dev.lanewise.trainer.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConfigYamlTest {
  private static ConfigLayer read(String yaml) throws IOException {
    return ConfigYaml.read("my.yaml", yaml.getBytes(UTF_8));
  }

  @ParameterizedTest
  @EnumSource(Preset.class)
  void aWrittenConfigurationReadsBackTheSame(Preset preset) throws IOException {
    TrainingConfig config = preset.layer().toConfig();

    assertThat(read(ConfigYamlWriter.write(config)).toConfig()).isEqualTo(config);
  }

  @Property(tries = 300)
  void anyNumbersAndPromptsReadBackTheSame(
      @ForAll double lr,
      @ForAll long seed,
      @ForAll int keep,
      @ForAll boolean biases,
      @ForAll @StringLength(max = 40) String prompt)
      throws IOException {
    TrainingConfig config =
        Preset.SEED
            .layer()
            .with(ConfigKey.LR, lr)
            .with(ConfigKey.SEED, seed)
            .with(ConfigKey.KEEP, keep)
            .with(ConfigKey.BIASES, biases)
            .with(ConfigKey.PROMPT, prompt)
            .toConfig();

    assertThat(read(ConfigYamlWriter.write(config)).toConfig()).isEqualTo(config);
  }

  @Test
  void promptsOfAllKindsReadBackTheSame() throws IOException {
    String prompt =
        "# \"no: comment\" \\ \t\n\r\u0000\u007f\u0085\u2028 äß 漢 \uD83D\uDE00 \uFEFF '";
    TrainingConfig config = Preset.SEED.layer().with(ConfigKey.PROMPT, prompt).toConfig();

    assertThat(read(ConfigYamlWriter.write(config)).toConfig().prompt()).isEqualTo(prompt);
  }

  @Test
  void readsNumbersInTheWaysPeopleWriteThem() throws IOException {
    ConfigLayer layer =
        read("lr: 3e-4\nclip: .5\nsteps: 10_000\nepsilon: 1E-8\nweight_decay: 0\nd-model: 64\n");

    assertThat(layer.value(ConfigKey.LR)).contains(3e-4);
    assertThat(layer.value(ConfigKey.CLIP)).contains(0.5);
    assertThat(layer.value(ConfigKey.STEPS)).contains(10_000L);
    assertThat(layer.value(ConfigKey.EPSILON)).contains(1e-8);
    assertThat(layer.value(ConfigKey.WEIGHT_DECAY)).contains(0.0);
    assertThat(layer.value(ConfigKey.D_MODEL)).contains(64);
  }

  @Test
  void anEmptyFileHasNoSettings() throws IOException {
    assertThat(read("")).isEqualTo(ConfigLayer.empty());
    assertThat(read("# nothing but a comment\n")).isEqualTo(ConfigLayer.empty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "heads: 4\\n"
            + "learning_rate: 1 | my.yaml:2: unknown key \"learning_rate\"; did you mean \"lr\"?",
        "n_embd: 64 | unknown key \"n_embd\"; did you mean \"d_model\"?",
        "batchsize: 64 | did you mean \"batch\"?",
        "stpes: 64 | did you mean \"steps\"?",
        "heads: 4\\nheads: 4 | my.yaml:2:",
        "d_model: 4\\nd-model: 4 | my.yaml:2: \"d_model\" is there twice",
        "heads: many | my.yaml:1: heads: \"many\" is not a whole number",
        "heads: 4.5 | \"4.5\" is not a whole number",
        "heads: 3000000000 | is not a whole number",
        "lr: fast | \"fast\" is not a number such as",
        "lr: .nan | is not a number",
        "lr: 0x1p3 | is not a number",
        "biases: maybe | \"maybe\" is not true or false",
        "tokenizer: wordpiece | is not one of bpe, char, gpt2",
        "heads: | \"heads\" has no value",
        "heads: [4] | \"heads\" takes one value",
        "heads: {a: 1} | \"heads\" takes one value",
        "heads: &x 4\\nlayers: *x | my.yaml:2: \"layers\" is an alias",
        "- heads | expected lines of the form",
        "just text | expected lines of the form",
        "heads: 4\\n---\\nheads: 5 | second document",
        "heads: 4\\n  layers: 5 | is not a whole number",
        "prompt: \"open | not valid YAML",
      })
  void saysWhereAndWhat(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml.replace("\\n", "\n")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageStartingWith("my.yaml:")
        .hasMessageContaining(message);
  }

  @Test
  void refusesWhatNobodyWroteByHand() {
    assertThatThrownBy(() -> read("#" + "x".repeat(70_000)))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("longer than");
    assertThatThrownBy(() -> read("heads: " + "[".repeat(5_000)))
        .isInstanceOf(InvalidConfigException.class);
    assertThatThrownBy(() -> read("x".repeat(60_000) + ": 1"))
        .isInstanceOf(InvalidConfigException.class)
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(300));
    assertThatThrownBy(() -> ConfigYaml.read("my.yaml", new byte[] {'a', (byte) 0xff}))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("UTF-8");
    assertThatThrownBy(() -> ConfigYaml.read(Path.of("nowhere", "my.yaml")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("no such file");
  }
}
