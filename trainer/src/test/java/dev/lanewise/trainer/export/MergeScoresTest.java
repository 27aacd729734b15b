package dev.lanewise.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.GgufValue;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers with byte fallback, as GGUF has them. */
class MergeScoresTest {

  private final List<String> notes = new ArrayList<>();

  @TempDir private Path folder;

  @BeforeEach
  void noOtherRoles() throws IOException {
    Files.writeString(folder.resolve("config.json"), "{}");
  }

  private void copy(String name) throws IOException {
    for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
      try (InputStream in =
          MergeScoresTest.class.getResourceAsStream("/tokenizers/" + name + "/" + file)) {
        Files.write(folder.resolve(file), in.readAllBytes());
      }
    }
    if (name.equals("fallback-metaspace")) {
      EditedFile.replace(
          folder.resolve("tokenizer.json"), "\"single_word\":true", "\"single_word\":false");
    }
  }

  private Map<String, GgufValue> read(int rows) throws IOException {
    return GgufTokenizer.read(folder, rows, notes::add);
  }

  /** What llama.cpp does, slowly: the neighbours whose text is the token of the highest score. */
  private static List<Integer> likeLlama(List<String> tokens, List<Float> scores, String marked) {
    List<String> parts = new ArrayList<>();
    marked.codePoints().mapToObj(Character::toString).forEach(parts::add);
    while (true) {
      int best = -1;
      float score = Float.NEGATIVE_INFINITY;
      for (int i = 0; i + 1 < parts.size(); i++) {
        int id = tokens.indexOf(parts.get(i) + parts.get(i + 1));
        if (id >= 0 && scores.get(id) > score) {
          score = scores.get(id);
          best = i;
        }
      }
      if (best < 0) {
        break;
      }
      parts.set(best, parts.get(best) + parts.remove(best + 1));
    }
    List<Integer> ids = new ArrayList<>();
    for (String part : parts) {
      if (tokens.contains(part)) {
        ids.add(tokens.indexOf(part));
      } else {
        for (byte b : part.getBytes(StandardCharsets.UTF_8)) {
          ids.add(tokens.indexOf(String.format("<0x%02X>", b)));
        }
      }
    }
    return ids;
  }

  @ParameterizedTest
  @ValueSource(strings = {"fallback-llama", "fallback-metaspace"})
  void llamaCppGivesTheIdsOfTheMerges(String name) throws IOException {
    copy(name);
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    Map<String, GgufValue> metadata = read(800);
    List<String> tokens = ((GgufValue.Texts) metadata.get("tokenizer.ggml.tokens")).values();
    List<Float> scores = ((GgufValue.Reals) metadata.get("tokenizer.ggml.scores")).values();
    assertThat(scores).hasSize(800);
    String[] parts = {
      " ", "  ", "a", "e", "er", "the", "in", "on", "\u00e9", "\u4e16", "\n", "7", "run", "<s>"
    };
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      StringBuilder text = new StringBuilder("x");
      for (int i = random.nextInt(40); i > 0; i--) {
        text.append(parts[random.nextInt(parts.length)]);
      }
      assertThat(likeLlama(tokens, scores, "\u2581" + text.toString().replace(' ', '\u2581')))
          .as(text.toString())
          .containsExactly(
              Arrays.stream(tokenizer.encode(text.toString())).boxed().toArray(Integer[]::new));
    }
  }

  @Test
  void typesAndRolesAreThoseOfLlamaCpp() throws IOException {
    copy("fallback-llama");
    Map<String, GgufValue> metadata = read(450);
    assertThat(notes).isEmpty();
    assertThat(metadata)
        .containsEntry("tokenizer.ggml.model", new GgufValue.Text("llama"))
        .containsEntry("tokenizer.ggml.bos_token_id", new GgufValue.Unsigned(1))
        .containsEntry("tokenizer.ggml.eos_token_id", new GgufValue.Unsigned(2))
        .containsEntry("tokenizer.ggml.unknown_token_id", new GgufValue.Unsigned(0))
        .containsEntry("tokenizer.ggml.add_bos_token", new GgufValue.Flag(true))
        .containsEntry("tokenizer.ggml.add_space_prefix", new GgufValue.Flag(true))
        .doesNotContainKey("tokenizer.ggml.merges");
    List<Integer> types = ((GgufValue.Integers) metadata.get("tokenizer.ggml.token_type")).values();
    assertThat(types.subList(0, 3)).containsExactly(2, 3, 3);
    assertThat(types.subList(3, 259)).containsOnly(6);
    assertThat(types.subList(259, 448)).containsOnly(1);
    assertThat(types.subList(448, 450)).containsOnly(5);
  }

  @Test
  void whereLlamaCppPutsASpaceOfItsOwnIsTold() throws IOException {
    copy("fallback-metaspace");
    assertThat(read(765))
        .containsEntry("tokenizer.ggml.add_space_prefix", new GgufValue.Flag(true));
    assertThat(notes).singleElement().asString().contains("begins with one", "special tokens");
    notes.clear();
    EditedFile.replace(folder.resolve("tokenizer.json"), "\"first\"", "\"never\"");
    assertThat(read(765))
        .containsEntry("tokenizer.ggml.add_space_prefix", new GgufValue.Flag(false));
    assertThat(notes).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "fallback-bare; \"type\":\"BPE\"; \"type\":\"BPE\"; does not have <0xC4>",
        "fallback-llama; \"prepend\":\"\u2581\"; \"prepend\":\"x\"; normalizer",
        "fallback-llama; {\"String\":\" \"}; {\"String\":\"  \"}; normalizer",
        "fallback-llama; \"single_word\":false; \"single_word\":true; single_word",
        "fallback-metaspace; \"split\":false; \"split\":true; split",
        "fallback-metaspace; \"replacement\":\"\u2581\"; \"replacement\":\"_\"; replacement",
        "fallback-metaspace; \"ignore_merges\":false; \"ignore_merges\":true; ignore_merges"
      })
  void whatLlamaCppWouldReadOtherwiseIsRefused(String name, String from, String to, String message)
      throws IOException {
    copy(name);
    EditedFile.replace(folder.resolve("tokenizer.json"), from, to);
    assertThatThrownBy(() -> read(800))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(message);
  }

  private List<Float> scores(List<String> tokens, String... merges) throws IOException {
    Path file = folder.resolve("config.json");
    return MergeScores.of(ConfigFields.read(file), tokens, List.of(merges));
  }

  /** Of two merges that make "abc", only the one that "abc" alone comes to is ever made. */
  @Test
  void aScoreIsTheRankOfTheMergeThatMakesAToken() throws IOException {
    List<String> tokens = List.of("a", "b", "c", "ab", "bc", "abc", "<s>");
    assertThat(scores(tokens, "ab c", "b c", "a b", "a bc"))
        .containsExactly(-4f, -4f, -4f, -2f, -1f, -3f, -4f);
  }

  @Test
  void aTokenThatOnlyLlamaCppWouldMakeIsRefused() {
    assertThatThrownBy(
            () -> scores(List.of("a", "b", "c", "ab", "bc", "abc"), "b c", "a b", "ab c"))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("do not join a and bc", "abc is a token");
    assertThatThrownBy(() -> scores(List.of("a", "\u00e9a"), "a a"))
        .isInstanceOf(InvalidFileException.class);
  }
}
