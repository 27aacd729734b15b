package dev.lanewise.trainer.text.tokenizer.bytepair;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.character.CharacterTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TokenizerFilesTest {

  private static final String JSON = "tokenizer.json";
  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";

  @TempDir Path folder;

  static Stream<Tokenizer> tokenizers() {
    BytePairTrainer pairs = new BytePairTrainer();
    pairs.write(Texts.SAMPLE);
    BytePairTokenizer trained = pairs.train(300);
    long[] merges = new long[trained.mergeCount()];
    Arrays.setAll(merges, trained::merge);
    CharacterTrainer characters = new CharacterTrainer();
    characters.write(Texts.SAMPLE + "\"\\\u0000\u2028😀");
    return Stream.of(
        trained,
        new BytePairTokenizer(merges, List.of("<|endoftext|>", "<pad>")),
        characters.train());
  }

  private static Tokenizer trained() {
    return tokenizers().findFirst().orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void whatIsSavedIsLoaded(Tokenizer tokenizer) throws IOException {
    tokenizer.save(folder.resolve("new folder"));
    Tokenizer loaded = TokenizerFolder.load(folder.resolve("new folder"));
    assertThat(loaded.fingerprint()).isEqualTo(tokenizer.fingerprint());
    assertThat(loaded.vocabularySize()).isEqualTo(tokenizer.vocabularySize());
    assertThat(loaded.encode(Texts.SAMPLE)).isEqualTo(tokenizer.encode(Texts.SAMPLE));
  }

  @Test
  void savingTwiceGivesTheSameBytes() throws IOException {
    trained().save(folder.resolve("a"));
    trained().save(folder.resolve("b"));
    for (String file : List.of(JSON, VOCABULARY, MERGES, "tokenizer_config.json")) {
      assertThat(folder.resolve("a").resolve(file))
          .hasSameBinaryContentAs(folder.resolve("b").resolve(file));
    }
  }

  @Test
  void theFilesHaveHuggingFacesForm() throws IOException {
    Tokenizer withSpecials = tokenizers().skip(1).findFirst().orElseThrow();
    withSpecials.save(folder);
    JsonNode json = new ObjectMapper().readTree(folder.resolve(JSON).toFile());
    assertThat(json.at("/model/type").asText()).isEqualTo("BPE");
    assertThat(json.at("/pre_tokenizer/type").asText()).isEqualTo("ByteLevel");
    assertThat(json.at("/decoder/type").asText()).isEqualTo("ByteLevel");
    assertThat(json.at("/model/vocab/Ġ").asInt()).isEqualTo(220);
    assertThat(json.at("/model/vocab"))
        .isEqualTo(new ObjectMapper().readTree(folder.resolve(VOCABULARY).toFile()));
    assertThat(json.at("/added_tokens/0/content").asText()).isEqualTo("<|endoftext|>");
    assertThat(json.at("/added_tokens/0/id").asInt()).isEqualTo(withSpecials.vocabularySize() - 2);
    List<String> lines = Files.readAllLines(folder.resolve(MERGES));
    assertThat(lines.getFirst()).isEqualTo("#version: 0.2");
    assertThat(lines.get(1)).isEqualTo(json.at("/model/merges/0").asText());
    assertThat(lines).hasSize(1 + json.at("/model/merges").size());
  }

  @Test
  void mergesMayBeArraysAsNewerToolsWriteThem() throws IOException {
    trained().save(folder);
    edit(
        JSON,
        text ->
            text.replaceFirst("\"merges\":\\[\"(\\S+) (\\S+?)\"", "\"merges\":[[\"$1\",\"$2\"]"));
    assertThat(Files.readString(folder.resolve(JSON))).contains("\"merges\":[[");
    assertThat(TokenizerFolder.load(folder).fingerprint()).isEqualTo(trained().fingerprint());
  }

  @Test
  void gpt2sOwnTwoFilesAreEnough() throws IOException {
    trained().save(folder);
    Files.delete(folder.resolve(JSON));
    assertThat(TokenizerFolder.load(folder).fingerprint()).isEqualTo(trained().fingerprint());
    edit(MERGES, text -> text.substring(text.indexOf('\n') + 1).stripTrailing());
    assertThat(TokenizerFolder.load(folder).fingerprint()).isEqualTo(trained().fingerprint());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "model.type | \"type\":\"BPE\" | \"type\":\"Unigram\"",
        "pre_tokenizer.type | \"type\":\"ByteLevel\",\"add | \"type\":\"Whitespace\",\"add",
        "pre_tokenizer.add_prefix_space | \"add_prefix_space\":false | \"add_prefix_space\":true",
        "normalizer.type | \"normalizer\":null | \"normalizer\":{\"type\":\"NFC\"}",
        "model.dropout | \"dropout\":null | \"dropout\":0.1",
        "model.byte_fallback | \"byte_fallback\":false | \"byte_fallback\":true",
        "model.vocab | \"!\":0, | ",
        "model.vocab. | \"!\":0, | \"!\":1,",
        "model.vocab.! | \"!\":0, | \"!\":-1,",
        "model.vocab.! | \"!\":0, | \"!\":99999999999,",
        "model.vocab.! | \"!\":0, | \"!\":0.5,",
        "model.vocab.! | \"!\":0, | \"!\":\"0\",",
        "model.vocab | \"!\":0, | \"!\":0,\"!\":0,",
        "model.vocab | \"!\":0,\"\\\"\":1, | \"!\":1,\"\\\"\":0,",
        "model.vocab.zz | \"vocab\":{ | \"vocab\":{\"zz\":4000,",
        "model.vocab | \"merges\":[ | \"merges\":[\"a a\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[\"aa\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[\" a\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[\"a b c\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[[\"a\"],",
        "model.merges[0] | \"merges\":[ | \"merges\":[7,",
        "added_tokens | \"added_tokens\":[ | \"added_tokens\":[{\"id\":3,\"content\":\"$\"}",
        "added_tokens[0] | \"added_tokens\":[ | \"added_tokens\":[{\"id\":3}",
        "added_tokens[0].id | \"added_tokens\":[ | \"added_tokens\":[{\"id\":\"x\"}",
      })
  void aBadFieldIsNamed(String field, String from, String to) throws IOException {
    trained().save(folder);
    String before = Files.readString(folder.resolve(JSON));
    assertThat(before).contains(from);
    edit(JSON, text -> text.replace(from, to == null ? "" : to));
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOfSatisfying(
            InvalidFileException.class,
            e -> {
              assertThat(e.field()).startsWith(field);
              assertThat(e.file()).endsWith(JSON);
              assertThat(e).hasMessageContaining(JSON);
            });
  }

  @Test
  void filesThatDisagreeAreRefused() throws IOException {
    trained().save(folder);
    BytePairTrainer other = new BytePairTrainer();
    other.write("other words for other merges, other words");
    other.train(300).save(folder.resolve("other"));
    for (String file : List.of(VOCABULARY, MERGES)) {
      Files.copy(
          folder.resolve("other").resolve(file),
          folder.resolve(file),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("is not the tokenizer of tokenizer.json");
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("no tokenizer here");
    trained().save(folder);
    Files.delete(folder.resolve(JSON));
    Files.delete(folder.resolve(MERGES));
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(MERGES)
        .hasMessageContaining("missing");
  }

  @Test
  void hostileShapesAreRefused() throws IOException {
    for (String text :
        List.of(
            "",
            "[]",
            "null",
            "{}",
            "{\"model\":null}",
            "{\"model\":{\"type\":\"BPE\"}}",
            "{\"model\":{\"type\":\"BPE\",\"vocab\":[]}}",
            "{\"model\":{\"type\":\"BPE\",\"vocab\":{}}}",
            "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{}}}",
            "[".repeat(100_000),
            "{\"a\":".repeat(100_000),
            "{\"a\":\"" + "x".repeat(100_000) + "\"}",
            "{\"" + "x".repeat(100_000) + "\":1}",
            "{\"a\":[" + "1,".repeat(5000) + "1]}",
            "{} {}",
            "{\"version\":\"\\ud800\"}",
            "\ufeff{}")) {
      Files.writeString(folder.resolve(JSON), text);
      assertThatThrownBy(() -> TokenizerFolder.load(folder))
          .as(text.length() > 80 ? text.substring(0, 80) : text)
          .isInstanceOf(InvalidFileException.class);
    }
    Files.write(folder.resolve(JSON), new byte[] {'{', '"', (byte) 0xFF, '"', ':', '1', '}'});
    assertThatThrownBy(() -> TokenizerFolder.load(folder)).hasMessageContaining("UTF-8");
  }

  @Test
  void aFileThatIsTooLargeIsRefused() throws IOException {
    try (var file = new java.io.RandomAccessFile(folder.resolve(JSON).toFile(), "rw")) {
      file.setLength(1L << 33);
    }
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("more than");
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void truncatedFilesAreRefused(Tokenizer tokenizer) throws IOException {
    tokenizer.save(folder);
    byte[] whole = Files.readAllBytes(folder.resolve(JSON));
    for (int length = 0; length < whole.length; length += 1 + whole.length / 300) {
      Files.write(folder.resolve(JSON), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> TokenizerFolder.load(folder))
          .isInstanceOf(InvalidFileException.class);
    }
  }

  /**
   * A mutated file may still be a valid one, but nothing else than the typed exception comes out.
   */
  @ParameterizedTest
  @MethodSource("tokenizers")
  void mutatedFilesNeverCrash(Tokenizer tokenizer) throws IOException {
    Random random = new Random(1);
    tokenizer.save(folder);
    for (String file : List.of(JSON, VOCABULARY, MERGES)) {
      if (!Files.exists(folder.resolve(file))) {
        continue;
      }
      byte[] whole = Files.readAllBytes(folder.resolve(file));
      int refused = 0;
      for (int i = 0; i < 300; i++) {
        Files.write(folder.resolve(file), mutate(whole, random));
        try {
          assertThat(TokenizerFolder.load(folder).vocabularySize()).isPositive();
        } catch (InvalidFileException e) {
          refused++;
          assertThat(e.getMessage()).contains(folder.toString());
        }
      }
      assertThat(refused).isGreaterThan(200);
      Files.write(folder.resolve(file), whole);
    }
  }

  private static byte[] mutate(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(4)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) "{}[]\",:0-e \\".charAt(random.nextInt(12));
      case 2 -> {
        int length = Math.min(random.nextInt(20), bytes.length - at);
        byte[] without = new byte[bytes.length - length];
        System.arraycopy(bytes, 0, without, 0, at);
        System.arraycopy(bytes, at + length, without, at, bytes.length - at - length);
        bytes = without;
      }
      default -> {
        int other = random.nextInt(bytes.length);
        int length = Math.min(random.nextInt(50), bytes.length - Math.max(at, other));
        System.arraycopy(bytes, at, bytes, other, length);
      }
    }
    return bytes;
  }

  private void edit(String file, UnaryOperator<String> change) throws IOException {
    Path path = folder.resolve(file);
    Files.write(path, change.apply(Files.readString(path)).getBytes(UTF_8));
  }
}
