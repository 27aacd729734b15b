package dev.lanewise.trainer.settings;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.random.RandomStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigYamlTest {
  private static ConfigLayer read(String yaml) throws IOException {
    return ConfigYaml.read("my.yaml", yaml.getBytes(UTF_8));
  }

  @ParameterizedTest
  @EnumSource(Preset.class)
  void aWrittenConfigurationReadsBackTheSame(Preset preset) throws IOException {
    Settings config = preset.layer().toSettings();

    assertThat(read(ConfigYamlWriter.write(config)).toSettings()).isEqualTo(config);
  }

  @Property(tries = 300)
  void anyNumbersAndPromptsReadBackTheSame(
      @ForAll double lr,
      @ForAll long seed,
      @ForAll int keep,
      @ForAll boolean biases,
      @ForAll @StringLength(max = 40) String prompt)
      throws IOException {
    Settings config =
        Preset.CHAPTER
            .layer()
            .with(ConfigKey.LR, lr)
            .with(ConfigKey.SEED, seed)
            .with(ConfigKey.KEEP, keep)
            .with(ConfigKey.BIASES, biases)
            .with(ConfigKey.PROMPT, prompt)
            .toSettings();

    assertThat(read(ConfigYamlWriter.write(config)).toSettings()).isEqualTo(config);
  }

  @Test
  void promptsOfAllKindsReadBackTheSame() throws IOException {
    String prompt =
        "# \"no: comment\" \\ \t\n\r\u0000\u007f\u0085\u2028 äß 漢 \uD83D\uDE00 \uFEFF '";
    Settings config = Preset.CHAPTER.layer().with(ConfigKey.PROMPT, prompt).toSettings();

    assertThat(read(ConfigYamlWriter.write(config)).toSettings().output().prompt())
        .isEqualTo(prompt);
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
        "heads: 3000000000 | \"3000000000\" is out of range",
        "heads: -3_000_000_000 | \"-3_000_000_000\" is out of range",
        "lr: fast | \"fast\" is not a number such as",
        "lr: .nan | is not a number",
        "lr: 0x1p3 | is not a number",
        "biases: maybe | \"maybe\" is not true or false",
        "tokenizer: word piece | \"word piece\" is not a name such as",
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
  void aTabIsNamedAsWhatIsWrong() {
    for (String yaml : List.of("\tlr: 1", "lr: 1\n\tbatch: 2\n", "lr: \n\t1")) {
      assertThatThrownBy(() -> read(yaml))
          .hasMessageStartingWith("my.yaml:")
          .hasMessageContaining("not valid YAML: a tab, which YAML does not take there")
          .hasMessageNotContaining("while scanning");
    }
  }

  /** Nobody who writes settings knows what the parser calls things. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lr: 1\\n\\tbatch: 2 | my.yaml:2:1: not valid YAML: a tab",
        "lr: 1: 2 | my.yaml:1:6: not valid YAML: a second colon in a line",
        "prompt: \"open | a quote may be missing",
        "prompt: \"a\"b | a quote that ends before its line does",
        "prompt: \"\\q\" | a backslash before a letter",
        "lr: 1\\nbatch\\nheads: 2 | a key without a colon",
        "lr: 1\\nprompt: `a | begins with a special character",
        "lr: @a | begins with a special character",
        "lr: \"\\1\" | a control character",
      })
  void aMistakeHasWordsOfOurs(String yaml, String message) {
    String text = yaml.replace("\\n", "\n").replace("\\t", "\t").replace("\\1", "\1");
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining(message)
        .message()
        .doesNotContain("while ", "found ", "block", "reader", "TAB", "token", "scan", "0x");
  }

  /** What the parser quotes from the file is neither a place nor a problem. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "prompt: \"line 3, column 4 | my.yaml:1:26: not valid YAML: the file ends inside a value",
        "prompt: \"(TAB) | my.yaml:1:15: not valid YAML: the file ends inside a value",
        "lr: 1: (TAB) | my.yaml:1:6: not valid YAML: a second colon in a line",
        "lr: 1\\nprompt: `line 9, column 9 | my.yaml:2:9: not valid YAML: a value that begins with",
      })
  void whatTheFileSaysIsNotTakenForWhatIsWrong(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml.replace("\\n", "\n")))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageStartingWith(message);
  }

  /** Limits of SnakeYAML's that would act where objects are built are not relied on. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "[",
        "{a: ",
        "{? ",
        "? ",
        "- ",
        "heads: [",
        "heads: {a: ",
        "heads: &a [",
        "? [",
        "? {",
        "!!map {",
        "&a ",
        "'heads': ",
      })
  @Timeout(60)
  void depthIsRefusedAtOnce(String opening) {
    int times = 60_000 / opening.length();
    for (int n : new int[] {2, 9, times}) {
      assertThatThrownBy(() -> read(opening.repeat(n)))
          .as(opening + " " + n)
          .isInstanceOf(InvalidConfigException.class)
          .hasMessageStartingWith("my.yaml:");
    }
    StringBuilder indented = new StringBuilder();
    for (int i = 0; i < 300; i++) {
      indented.repeat(' ', i).append("heads:\n");
    }
    assertThatThrownBy(() -> read(indented.toString())).isInstanceOf(InvalidConfigException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "prompt: &a [x, x]\nheads: [*a, *a, *a]\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
        "heads: &a {heads: *a}\n",
        "prompt: &a text\nheads: 2\n? *a\n: 3\n",
        "*a : 3\n",
        "prompt: *unknown\n",
        "<<: *a\n",
        "<<: {heads: 4}\n",
        "heads: 4\nlayers: 2\n\"heads\": 5\n",
        "heads: 4\nHEADS: 4\n",
        "{heads: 4, heads: 4}",
        "heads: 4\n? heads\n: 4\n",
      })
  void aliasesMergesAndRepeatedKeysAreRefused(String yaml) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageStartingWith("my.yaml:");
  }

  /** Damage either is refused by name of the file or makes other settings. */
  @Test
  @Timeout(60)
  void damageIsRefusedOrMakesOtherSettings() throws IOException {
    String whole = ConfigYamlWriter.write(Preset.CHAPTER.layer().toSettings());
    byte[] valid = whole.getBytes(UTF_8);
    int refused = 0;
    for (int length = 0; length < valid.length; length += 5) {
      refused += isReadable(Arrays.copyOf(valid, length)) ? 0 : 1;
    }
    RandomStream random = new RandomStream(3, RandomStream.DIAGNOSTICS, 0);
    for (int i = 0; i < 1500; i++) {
      byte[] damaged = valid.clone();
      damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
      refused += isReadable(damaged) ? 0 : 1;
    }
    String[] lies =
        ("-1,1e400,null,~,{,}, [,],&a ,*a ,? ,- ,: ,|,>,|9\n,!!int ,!<x> ,---,...,%YAML 9.9\n,%TAG ! x\n,"
                + "\t,',\",\\x,\\U00110000,\0,\u0085,\u2028,\uFEFF,\r,\n,\n  ,<<: ,#,`,@,\uD83D\uDE00")
            .split(",", -1);
    for (int i = 0; i < 3000; i++) {
      StringBuilder text = new StringBuilder(whole);
      for (int n = random.nextInt(4); n >= 0; n--) {
        int at = random.nextInt(text.length());
        int to = Math.min(text.length(), at + random.nextInt(8));
        text.replace(at, to, lies[random.nextInt(lies.length)]);
      }
      refused += isReadable(text.toString().getBytes(UTF_8)) ? 0 : 1;
    }
    assertThat(refused).isBetween(1000, 5000);
  }

  private static boolean isReadable(byte[] yaml) throws IOException {
    try {
      Settings read = ConfigYaml.read("my.yaml", yaml).over(Preset.CHAPTER.layer()).toSettings();
      if (read.problems().isEmpty()) {
        assertThat(read(ConfigYamlWriter.write(read)).toSettings()).isEqualTo(read);
      }
      return true;
    } catch (InvalidConfigException e) {
      assertThat(e.getMessage()).startsWith("my.yaml:").hasSizeLessThan(400);
      return false;
    }
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

  /** Python's YAML reads a number with an exponent as text unless it has a point and a sign. */
  @Test
  void pythonReadsNumbersAsNumbers() {
    Settings settings =
        Preset.CHAPTER.layer().with(ConfigKey.LR, 3e-4).with(ConfigKey.CLIP, 1e10).toSettings();
    assertThat(ConfigYamlWriter.write(settings))
        .containsPattern("(?m)^lr: 3\\.0e-4 ")
        .containsPattern("(?m)^clip: 1\\.0e\\+10 ")
        .doesNotContainPattern("(?m)^\\w+: [0-9]+e");
  }
}
