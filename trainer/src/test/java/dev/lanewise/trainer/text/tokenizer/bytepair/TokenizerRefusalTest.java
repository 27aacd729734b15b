package dev.lanewise.trainer.text.tokenizer.bytepair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.LoggedWarnings;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.merge.MergeAssembly;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are damaged, hostile, or of a tokenizer that is not ours: each refused by name. */
class TokenizerRefusalTest {

  private static final String JSON = "tokenizer.json";
  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "model.type | \"type\":\"BPE\" | \"type\":\"Unigram\"",
        "pre_tokenizer.type | \"type\":\"ByteLevel\",\"add | \"type\":\"Whitespace\",\"add",
        "pre_tokenizer.add_prefix_space | \"add_prefix_space\":false | \"add_prefix_space\":1",
        "normalizer.type | \"normalizer\":null | \"normalizer\":{\"type\":\"Lowercase\"}",
        "pre_tokenizer.pretokenizers[0].pattern.Regex | \"pre_tokenizer\":{ | \"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"behavior\":\"Isolated\",\"pattern\":{\"Regex\":\"a(?~b)\"}}]},\"x\":{",
        "pre_tokenizer.pretokenizers[0].type | \"pre_tokenizer\":{ | \"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Metaspace\"}]},\"x\":{",
        "pre_tokenizer.pretokenizers[1].type | \"pre_tokenizer\":{ | \"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"ByteLevel\"},{\"use_regex\":false},{\"type\":\"Digits\"}]},\"x\":{",
        "pre_tokenizer.pretokenizers[1] | \"pre_tokenizer\":{ | \"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"ByteLevel\"},{\"type\":\"ByteLevel\"}]},\"x\":{",
        "pre_tokenizer | \"pre_tokenizer\":{ | \"pre_tokenizer\":{\"type\":\"Digits\"},\"x\":{",
        "normalizer.normalizers[0].type | \"normalizer\":null | \"normalizer\":{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Strip\"}]}",
        "model.dropout | \"dropout\":null | \"dropout\":0.1",
        "pre_tokenizer.type | \"byte_fallback\":false | \"byte_fallback\":true",
        "model.vocab. | \"!\":0, | \"!\":1,",
        "model.vocab.! | \"!\":0, | \"!\":-1,",
        "model.vocab.! | \"!\":0, | \"!\":99999999999,",
        "model.vocab.! | \"!\":0, | \"!\":0.5,",
        "model.vocab.! | \"!\":0, | \"!\":\"0\",",
        "model.vocab | \"!\":0, | \"!\":0,\"!\":0,",
        "model.vocab.zz | \"vocab\":{ | \"vocab\":{\"zz\":600000,",
        "model.vocab | \"merges\":[ | \"merges\":[\"a a\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[\"aa\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[\" a\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[\"a b c\",",
        "model.merges[0] | \"merges\":[ | \"merges\":[[\"a\"],",
        "post_processor.single[1].SpecialToken.id | \"post_processor\":null | \"post_processor\":{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"<s>\"}}],\"special_tokens\":{\"<s>\":{\"ids\":[3]}}}",
        "post_processor.type | \"post_processor\":null | \"post_processor\":{\"type\":\"SomeProcessing\"}",
        "post_processor.cls[1] | \"post_processor\":null | \"post_processor\":{\"type\":\"BertProcessing\"}",
        "post_processor.sep | \"post_processor\":null | \"post_processor\":{\"type\":\"RobertaProcessing\",\"sep\":[\"</s>\",3],\"cls\":[\"<s>\",4]}",
        "model.merges[0] | \"merges\":[ | \"merges\":[7,",
        "added_tokens | \"added_tokens\":[ | \"added_tokens\":[{\"id\":3,\"content\":\"x y\"}",
        "added_tokens[0].id | \"added_tokens\":[ | \"added_tokens\":[{\"id\":600000,\"content\":\"x y\"}",
        "added_tokens[0] | \"added_tokens\":[ | \"added_tokens\":[{\"id\":3}",
        "added_tokens[0].id | \"added_tokens\":[ | \"added_tokens\":[{\"id\":\"x\"}",
      })
  void aBadFieldIsNamed(String field, String from, String to) throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    EditedFile.replace(folder.resolve(JSON), from, to == null ? "" : to);
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOfSatisfying(
            InvalidFileException.class,
            e -> {
              assertThat(e.field()).startsWith(field);
              assertThat(e.file()).endsWith(JSON);
              assertThat(e).hasMessageContaining(JSON);
            });
  }

  /** Repositories of models keep large files with Git LFS, and tokenizer.json is one. */
  @Test
  void aPointerOfGitLfsIsNamed() throws IOException {
    Files.writeString(
        folder.resolve("tokenizer.json"),
        "version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 2104556\n");
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("tokenizer.json", "only a pointer of Git LFS", "git lfs pull");
  }

  @Test
  void tokensThatOldFoldersKeepApartAreNotForgotten() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    Files.delete(folder.resolve("tokenizer.json"));
    assertThat(TokenizerFolder.load(folder).vocabularySize()).isPositive();
    Files.writeString(folder.resolve("added_tokens.json"), "{\"<|im_end|>\": 50258}");
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("added_tokens.json", "save_pretrained");
  }

  /** Without tokenizer.json a Qwen2 has other rules, and tokens, than its two files say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "tokenizer_class | \"Qwen2Tokenizer\"",
        "add_prefix_space | true",
        "add_bos_token | true",
        "added_tokens_decoder.9999 | {\"9999\": {\"content\": \"<im_end>\"}}",
        "added_tokens_decoder.1 | {\"1\": {\"content\": \"!\"}}",
        "added_tokens_decoder.0 | {\"0\": {\"content\": \"!\", \"lstrip\": true}}",
      })
  void whatTwoFilesCannotSayIsRefused(String field, String json) throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    Files.delete(folder.resolve("tokenizer.json"));
    Path configuration = folder.resolve("tokenizer_config.json");
    Files.writeString(
        configuration,
        "{\"tokenizer_class\": \"GPT2Tokenizer\", \"add_prefix_space\": false, \"added_tokens_decoder\": {\"0\": {\"content\": \"!\"}}}");
    assertThat(TokenizerFolder.load(folder).vocabularySize()).isPositive();
    String name = field.replaceFirst("[.].*", "");
    Files.writeString(configuration, "{\"%s\": %s}".formatted(name, json));
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("tokenizer_config.json", field, "save_pretrained");
  }

  /** GPT-2's own file is from before the type was written. */
  @Test
  void mergesWithoutATypeAreBytePairs() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    EditedFile.replace(folder.resolve(JSON), "\"type\":\"BPE\",", "");
    assertThat(TokenizerFolder.load(folder).fingerprint())
        .isEqualTo(SampleTokenizers.bytePairs().fingerprint());
  }

  @Test
  void ofFilesThatDisagreeTheWholeOneCounts() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    Tokenizers.bytePairs("other words for other merges, other words", 300)
        .save(folder.resolve("other"));
    for (String file : List.of(VOCABULARY, MERGES)) {
      Files.copy(
          folder.resolve("other").resolve(file),
          folder.resolve(file),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    try (LoggedWarnings warnings = new LoggedWarnings(TokenizerFolder.class.getName())) {
      assertThat(TokenizerFolder.load(folder).fingerprint())
          .isEqualTo(SampleTokenizers.bytePairs().fingerprint());
      assertThat(warnings.messages())
          .singleElement()
          .asString()
          .contains("are not the tokenizer of tokenizer.json");
    }
  }

  /** Hugging Face's library would give them other ids than the file. */
  @ParameterizedTest
  @CsvSource({"305, 306, 305, 292", "292, 294, 294, 293", "293, 292, 293, 292"})
  void addedTokensThatLeaveAGapAreTold(int first, int second, int wrong, int free)
      throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    EditedFile.replace(
        folder.resolve(JSON),
        "\"added_tokens\":[",
        "\"added_tokens\":[{\"id\":%d,\"content\":\"<a>\"},{\"id\":%d,\"content\":\"<b>\"}"
            .formatted(first, second));
    try (LoggedWarnings warnings = new LoggedWarnings(MergeAssembly.class.getName())) {
      assertThat(TokenizerFolder.load(folder).encodeWithSpecial("<a><b>"))
          .containsExactly(first, second);
      assertThat(warnings.messages())
          .singleElement()
          .asString()
          .contains("added_tokens", "is id " + wrong, "free one is " + free);
    }
  }

  @Test
  void mergesThatAreCutShortAreRefused() throws IOException {
    SampleTokenizers.bytePairs().save(folder);
    Files.delete(folder.resolve(JSON));
    EditedFile.change(
        folder.resolve(MERGES),
        text -> text.substring(0, text.lastIndexOf('\n', text.length() / 2) + 1));
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(MERGES, "do not make up the vocabulary", "cut short");
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    assertThatThrownBy(() -> TokenizerFolder.load(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("no tokenizer here");
    SampleTokenizers.bytePairs().save(folder);
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
  @MethodSource("dev.lanewise.trainer.text.tokenizer.bytepair.SampleTokenizers#all")
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
  @MethodSource("dev.lanewise.trainer.text.tokenizer.bytepair.SampleTokenizers#all")
  void mutatedFilesNeverCrash(Tokenizer tokenizer) throws IOException {
    Random random = new Random(1);
    tokenizer.save(folder);
    for (String file : List.of(JSON, VOCABULARY, MERGES)) {
      if (!Files.exists(folder.resolve(file))) {
        continue;
      }
      byte[] whole = Files.readAllBytes(folder.resolve(file));
      if (!file.equals(JSON)) {
        // Where it is, the others do not count.
        Files.deleteIfExists(folder.resolve(JSON));
      }
      int refused = 0;
      for (int i = 0; i < 300; i++) {
        Files.write(folder.resolve(file), mutate(whole, random));
        try {
          requireUsable(TokenizerFolder.load(folder));
        } catch (InvalidFileException e) {
          refused++;
          assertThat(e.getMessage()).contains(folder.toString());
        }
      }
      assertThat(refused).as("%s refused of 300", file).isBetween(200, 299);
      Files.write(folder.resolve(file), whole);
    }
  }

  /** Each of its tokens has bytes, of which they make a text again. */
  private static void requireUsable(Tokenizer tokenizer) {
    int[] all = IntStream.range(0, tokenizer.vocabularySize()).toArray();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : all) {
      bytes.writeBytes(tokenizer.tokenBytes(id));
    }
    assertThat(tokenizer.decodeBytes(all, 0, all.length)).isEqualTo(bytes.toByteArray());
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
}
