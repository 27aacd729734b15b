package dev.lanewise.trainer.text.tokenizer.bytepair;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.Pipe;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.character.CharacterTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
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
        "pre_tokenizer.add_prefix_space | \"add_prefix_space\":false | \"add_prefix_space\":1",
        "normalizer.type | \"normalizer\":null | \"normalizer\":{\"type\":\"Lowercase\"}",
        "pre_tokenizer.pretokenizers[0].pattern.Regex | \"pre_tokenizer\":{ | \"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"a(?i)b\"}}]},\"x\":{",
        "pre_tokenizer.pretokenizers[0].type | \"pre_tokenizer\":{ | \"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Metaspace\"}]},\"x\":{",
        "pre_tokenizer.pretokenizers[1] | \"pre_tokenizer\":{ | \"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"ByteLevel\"},{\"type\":\"Digits\"}]},\"x\":{",
        "pre_tokenizer | \"pre_tokenizer\":{ | \"pre_tokenizer\":{\"type\":\"Digits\"},\"x\":{",
        "normalizer.normalizers[0].type | \"normalizer\":null | \"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Prepend\",\"prepend\":\"x\"}]}",
        "model.dropout | \"dropout\":null | \"dropout\":0.1",
        "model.byte_fallback | \"byte_fallback\":false | \"byte_fallback\":true",
        "model.vocab | \"!\":0, | ",
        "model.vocab. | \"!\":0, | \"!\":1,",
        "model.vocab.! | \"!\":0, | \"!\":-1,",
        "model.vocab.! | \"!\":0, | \"!\":99999999999,",
        "model.vocab.! | \"!\":0, | \"!\":0.5,",
        "model.vocab.! | \"!\":0, | \"!\":\"0\",",
        "model.vocab | \"!\":0, | \"!\":0,\"!\":0,",
        "model.vocab.zz | \"vocab\":{ | \"vocab\":{\"zz\":4000,",
        "model.vocab | \"merges\":[ | \"merges\":[\"a a\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[\"aa\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[\" a\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[\"a b c\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[[\"a\"],",
        "post_processor.single[1].SpecialToken.id | \"post_processor\":null | \"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"<s>\"}}]}",
        "post_processor.type | \"post_processor\":null | \"post_processor\":{\"type\":\"BertProcessing\"}",
        "model.merges[0] | \"merges\":[ | \"merges\":[7,",
        "added_tokens | \"added_tokens\":[ | \"added_tokens\":[{\"id\":3,\"content\":\"x y\"}",
        "added_tokens | \"added_tokens\":[ | \"added_tokens\":[{\"id\":4000,\"content\":\"x y\"}",
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

  /** A GPT-2 that went through other tools; its 60 strings were encoded by Hugging Face. */
  @Test
  void aFileOfHuggingFaceGivesItsIds() throws IOException {
    copyFixture();
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.vocabularySize()).isEqualTo(700);
    assertThat(tokenizer.endToken()).hasValue(694);
    requireIds(tokenizer);
    Path saved = folder.resolve("saved");
    tokenizer.save(saved);
    requireIds(TokenizerFolder.load(saved));
    assertThat(TokenizerFolder.load(saved).fingerprint()).isEqualTo(tokenizer.fingerprint());
  }

  private void copyFixture() throws IOException {
    try (var in = TokenizerFilesTest.class.getResourceAsStream("/tokenizers/gpt2/tokenizer.json")) {
      Files.copy(in, folder.resolve(JSON));
    }
  }

  private static void requireIds(Tokenizer tokenizer) throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    try (var in = TokenizerFilesTest.class.getResourceAsStream("/tokenizers/gpt2/encode.jsonl");
        var cases = mapper.readerFor(JsonNode.class).<JsonNode>readValues(in)) {
      int count = 0;
      while (cases.hasNext()) {
        JsonNode one = cases.next();
        String text = one.get("text").asText();
        assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids(one.get("ids_plain")));
        assertThat(tokenizer.encodeWithSpecial(text)).as(text).isEqualTo(ids(one.get("ids")));
        assertThat(tokenizer.decode(ids(one.get("ids")))).isEqualTo(one.get("decoded").asText());
        for (boolean special : new boolean[] {false, true}) {
          List<Integer> streamed = new ArrayList<>();
          var encoder =
              tokenizer.encoder(
                  (some, n) -> IntStream.range(0, n).forEach(i -> streamed.add(some[i])), special);
          byte[] utf8 = Utf8.bytes(text);
          for (int i = 0; i < utf8.length; i++) {
            encoder.write(utf8, i, 1);
          }
          encoder.finish();
          assertThat(streamed.stream().mapToInt(i -> i).toArray())
              .as(text)
              .isEqualTo(ids(one.get(special ? "ids" : "ids_plain")));
        }
        count++;
      }
      assertThat(count).isEqualTo(60);
    }
  }

  private static int[] ids(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  /** As Hugging Face trains one: the end of text first, and only the bytes that it saw. */
  @Test
  void idsAreThoseOfTheFile() throws IOException {
    trained().save(folder);
    Files.delete(folder.resolve(VOCABULARY));
    Files.delete(folder.resolve(MERGES));
    JsonNode json = new ObjectMapper().readTree(folder.resolve(JSON).toFile());
    List<String> names = new ArrayList<>();
    json.at("/model/vocab").fieldNames().forEachRemaining(names::add);
    names.remove("!");
    names.addFirst("<|endoftext|>");
    ObjectNode vocabulary = ((ObjectNode) json.get("model")).putObject("vocab");
    names.forEach(name -> vocabulary.put(name, names.indexOf(name)));
    ((ObjectNode) json)
        .putArray("added_tokens")
        .addObject()
        .put("id", 0)
        .put("content", "<|endoftext|>")
        .put("special", true);
    new ObjectMapper().writeValue(folder.resolve(JSON).toFile(), json);

    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.endToken()).hasValue(0);
    String text = Texts.SAMPLE.replace("!", "");
    // "!" was id 0, so that its place is now the end of text's and all others stay.
    assertThat(tokenizer.encode(text)).isEqualTo(trained().encode(text));
    assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    assertThat(tokenizer.encodeWithSpecial("<|endoftext|>")).containsExactly(0);
    assertThatThrownBy(() -> tokenizer.encode("oh!"))
        .isInstanceOf(UnknownCharacterException.class)
        .hasMessageContaining("'!'");
    tokenizer.save(folder.resolve("saved"));
    assertThat(TokenizerFolder.load(folder.resolve("saved")).fingerprint())
        .isEqualTo(tokenizer.fingerprint());
  }

  @Test
  void aPostProcessorThatAddsNothingIsNothing() throws IOException {
    trained().save(folder);
    edit(
        JSON,
        text ->
            text.replace(
                "\"post_processor\":null",
                "\"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[],\"special_tokens\":{}}"));
    assertThat(Files.readString(folder.resolve(JSON))).contains("TemplateProcessing");
    assertThat(TokenizerFolder.load(folder).fingerprint()).isEqualTo(trained().fingerprint());
  }

  /** As Llama 3's: two ways to a token, and one whose parts come later. */
  @Test
  void severalMergesMayMakeOneToken() throws IOException {
    writeSmall(
        "\"ab\":4,\"bc\":5,\"abc\":6",
        "[\"ab\",\"c\"],[\"b\",\"c\"],[\"a\",\"bc\"],[\"a\",\"b\"]",
        "\"unk_token\":\"<unk>\"");
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.encode("abc")).containsExactly(6);
    assertThat(tokenizer.encode("ab")).containsExactly(4);
    assertThat(tokenizer.encode("zzab")).containsExactly(0, 0, 4);
  }

  @Test
  void unknownBytesMayBeFusedAndWordsTakenWhole() throws IOException {
    writeSmall(
        "\"ab\":4,\"cab\":5",
        "[\"a\",\"b\"]",
        "\"unk_token\":\"<unk>\",\"fuse_unk\":true,\"ignore_merges\":true");
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.encode("zzab")).containsExactly(0, 4);
    assertThat(tokenizer.encode("cab")).containsExactly(5);
    assertThat(tokenizer.encode("cabc")).containsExactly(3, 4, 3);
  }

  private void writeSmall(String tokens, String merges, String rules) throws IOException {
    Files.writeString(
        folder.resolve(JSON),
        """
        {"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
         "decoder":{"type":"ByteLevel"},
         "model":{"type":"BPE",%s,"vocab":{"<unk>":0,"a":1,"b":2,"c":3,%s},"merges":[%s]}}
        """
            .formatted(rules, tokens, merges));
  }

  @Test
  void mergesMayHaveTheLinesOfWindows() throws IOException {
    trained().save(folder);
    edit(MERGES, text -> text.replace("\n", "\r\n") + "\r\n");
    assertThat(TokenizerFolder.load(folder).fingerprint()).isEqualTo(trained().fingerprint());
    Files.delete(folder.resolve(JSON));
    assertThat(TokenizerFolder.load(folder).fingerprint()).isEqualTo(trained().fingerprint());
  }

  @Test
  void mergesThatAreCutShortAreRefused() throws IOException {
    trained().save(folder);
    Files.delete(folder.resolve(JSON));
    edit(MERGES, text -> text.substring(0, text.lastIndexOf('\n', text.length() / 2) + 1));
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(MERGES, "do not make up the vocabulary", "cut short");
  }

  @Test
  void theConfigurationSaysWhichTokenEndsADocument() throws IOException {
    Tokenizer two = tokenizers().skip(1).findFirst().orElseThrow();
    two.save(folder);
    assertThat(TokenizerFolder.load(folder).endToken()).hasValue(two.vocabularySize() - 2);
    edit("tokenizer_config.json", text -> text.replace("<|endoftext|>", "<pad>"));
    assertThat(TokenizerFolder.load(folder).endToken()).hasValue(two.vocabularySize() - 1);
    edit(
        "tokenizer_config.json",
        text ->
            text.replaceFirst("\"eos_token\":\"<pad>\"", "\"eos_token\":{\"content\":\"<pad>\"}"));
    assertThat(TokenizerFolder.load(folder).endToken()).hasValue(two.vocabularySize() - 1);
    assertThat(trained().endToken()).isEmpty();
  }

  @Test
  @Timeout(60)
  void aPipeInThePlaceOfAFileIsReplaced() throws IOException, InterruptedException {
    for (String file : List.of(JSON, VOCABULARY, MERGES)) {
      Pipe.make(folder.resolve(file));
    }
    trained().save(folder);
    assertThat(TokenizerFolder.load(folder).fingerprint()).isEqualTo(trained().fingerprint());
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
        .hasMessageContaining("larger than");
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
