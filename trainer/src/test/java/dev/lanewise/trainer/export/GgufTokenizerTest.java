package dev.lanewise.trainer.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.model.io.GgufValue;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.files.Sha256;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.fixture.Tokenizers;
import dev.lanewise.trainer.text.tokenizer.pretokenizer.PreTokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Metadata against what llama.cpp's own converter makes of the same tokenizers. */
class GgufTokenizerTest {

  private final List<String> notes = new ArrayList<>();

  @TempDir private Path folder;

  private static List<String> models() {
    return HuggingFaceModels.NAMES;
  }

  private static int rows(String model) throws IOException {
    JsonNode metadata =
        new ObjectMapper().readTree(HuggingFaceModels.gguf(model).toFile()).get("metadata");
    return metadata.get("tokenizer.ggml.tokens").get("value").get("count").asInt();
  }

  private Path copy(String model) throws IOException {
    return HuggingFaceModels.copy(model, folder.resolve(model));
  }

  private Map<String, GgufValue> read(String model, Path source) throws IOException {
    return GgufTokenizer.read(source, rows(model), notes::add);
  }

  private void requireRefused(String model, Path source, String... messages) {
    assertThatThrownBy(() -> read(model, source))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll(messages);
  }

  private static String lines(List<?> values) {
    List<String> lines = values.stream().map(String::valueOf).toList();
    byte[] text = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
    return "%d lines %s".formatted(lines.size(), HexFormat.of().formatHex(digest(text)));
  }

  private static byte[] digest(byte[] text) {
    return Sha256.digest().digest(text);
  }

  private static String shown(GgufValue value) {
    if (value instanceof GgufValue.Unsigned number) {
      return "UINT32 " + number.value();
    }
    if (value instanceof GgufValue.Flag flag) {
      return "BOOL " + flag.value();
    }
    if (value instanceof GgufValue.Text text) {
      return "STRING " + text.value();
    }
    if (value instanceof GgufValue.Texts texts) {
      return "ARRAY/STRING " + lines(texts.values());
    }
    return "ARRAY/INT32 " + lines(((GgufValue.Integers) value).values());
  }

  private static String shown(JsonNode golden) {
    JsonNode value = golden.get("value");
    String text =
        value.has("count")
            ? "%d lines %s"
                .formatted(value.get("count").asInt(), value.get("sha256_of_lines").asText())
            : value.asText();
    return golden.get("type").asText() + " " + text;
  }

  @ParameterizedTest
  @MethodSource("models")
  void metadataIsThatOfLlamaCpp(String model) throws IOException {
    Map<String, String> actual = new TreeMap<>();
    read(model, copy(model)).forEach((key, value) -> actual.put(key, shown(value)));
    Map<String, String> expected = new TreeMap<>();
    new ObjectMapper()
        .readTree(HuggingFaceModels.gguf(model).toFile())
        .get("metadata")
        .properties()
        .forEach(
            field -> {
              if (field.getKey().startsWith("tokenizer.")) {
                expected.put(field.getKey(), shown(field.getValue()));
              }
            });
    assertThat(actual).isEqualTo(expected);
  }

  /** What steps mean counts, not how they are written. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "gpt2; \"pre_tokenizer\": {; \"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\":"
            + " [{\"type\": \"Split\", \"pattern\": {\"Regex\": \"GPT2\"}, \"behavior\": \"Isolated\","
            + " \"invert\": false}, {\"type\": \"ByteLevel\", \"add_prefix_space\": false,"
            + " \"use_regex\": false}]}, \"x\": {",
        "gpt2; \"pre_tokenizer\": {; \"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\":"
            + " [{\"type\": \"ByteLevel\", \"add_prefix_space\": false}]}, \"x\": {",
        "gpt2; \"normalizer\": null; \"normalizer\": {\"type\": \"Sequence\", \"normalizers\": []}",
        "llama-smollm2; \"type\": \"Digits\"; \"type\": \"Split\", \"pattern\": {\"Regex\":"
            + " \"\\\\p{N}\"}, \"behavior\": \"Isolated\", \"invert\": false",
        "qwen2; \"normalizer\": {\"type\": \"NFC\"}; \"normalizer\": {\"type\": \"Sequence\","
            + " \"normalizers\": [{\"type\": \"NFC\"}]}"
      })
  void theSameInOtherWordsIsTheSame(String model, String from, String to) throws IOException {
    Path source = copy(model);
    Map<String, GgufValue> expected = read(model, source);
    List<String> told = List.copyOf(notes);
    notes.clear();
    String gpt2 = PreTokenizers.GPT2_SPLIT.replace("\\", "\\\\");
    EditedFile.change(
        source.resolve("tokenizer.json"),
        text -> text.replaceAll("\\s+", " ").replace("{ ", "{").replace(" }", "}"));
    EditedFile.replace(source.resolve("tokenizer.json"), from, to.replace("GPT2", gpt2));
    assertThat(read(model, source)).isEqualTo(expected);
    assertThat(notes).isEqualTo(told);
  }

  @Test
  void normalizationIsTold() throws IOException {
    read("qwen2", copy("qwen2"));
    assertThat(notes).singleElement().asString().contains("NFC");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "gpt2; tokenizer.json; \"add_prefix_space\": false; \"add_prefix_space\": true; pre_token",
        "llama-smollm2; tokenizer.json; \"individual_digits\": true; \"individual_digits\": false;"
            + " pre_tokenizer",
        "qwen2; tokenizer.json; \\p{N}|; \\p{N}{1,2}|; pre_tokenizer",
        "qwen2; tokenizer.json; Isolated; Removed; pre_tokenizer",
        "qwen2; tokenizer.json; \"NFC\"; \"NFKC\"; normalizer",
        "llama3; tokenizer.json; \"ignore_merges\": true; \"ignore_merges\": false; ignore_merges",
        "gpt2; tokenizer.json; \"ignore_merges\": false; \"ignore_merges\": true; ignore_merges",
        "gpt2; tokenizer.json; \"BPE\"; \"Unigram\"; Unigram",
        "gpt2; tokenizer.json; \"byte_fallback\": false; \"byte_fallback\": true; pre_tokenizer",
        "gpt2; tokenizer.json; \"vocab\"; \"words\"; model.vocab",
        "gpt2; tokenizer.json; \"model\"; \"no_model\"; model",
        "gpt2; tokenizer.json; \"id\": 399; \"id\": 400; 399",
        "gpt2; tokenizer.json; \"id\": 399; \"id\": 1; is also that of",
        "llama3; tokenizer_config.json; \"bos_token\": \"<|begin_of_text|>\";"
            + " \"bos_token\": \"<|eot_id|>\"; post_processor",
        "qwen2; config.json; \"bos_token_id\": 487; \"bos_token_id\": 512; bos_token_id"
      })
  void whatLlamaCppWouldReadOtherwiseIsRefused(
      String model, String file, String from, String to, String message) throws IOException {
    Path source = copy(model);
    EditedFile.replace(source.resolve(file), from, to);
    requireRefused(model, source, message);
  }

  @Test
  void moreTokensThanTheModelHasAreRefused() throws IOException {
    Path source = copy("gpt2");
    assertThatThrownBy(() -> GgufTokenizer.read(source, 300, notes::add))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("299");
  }

  @Test
  void aFolderWithoutATokenizerIsRefused() throws IOException {
    Path source = copy("gpt2");
    Files.delete(source.resolve("tokenizer.json"));
    requireRefused("gpt2", source, "tokenizer.json", "missing");
  }

  /** llama.cpp would stop at the token with id 11, whatever it is. */
  @Test
  void aTokenizerOfOursEndsAtAByteThatNoTextHas() throws IOException {
    Path source = copy("gpt2");
    Files.delete(source.resolve("tokenizer_config.json"));
    Files.delete(source.resolve("generation_config.json"));
    EditedFile.replace(
        source.resolve("config.json"), "\"eos_token_id\": 399", "\"eos_token_id\": null");
    EditedFile.replace(
        source.resolve("config.json"), "\"bos_token_id\": 399", "\"bos_token_id\": null");
    Tokenizers.bytePairs(Texts.LINES, 260).save(source);
    Map<String, GgufValue> metadata = GgufTokenizer.read(source, 270, notes::add);
    GgufValue.Texts tokens = (GgufValue.Texts) metadata.get("tokenizer.ggml.tokens");
    assertThat(tokens.values()).hasSize(270).endsWith("[PAD269]");
    GgufValue.Unsigned end = (GgufValue.Unsigned) metadata.get("tokenizer.ggml.eos_token_id");
    assertThat(tokens.values().get((int) end.value())).isEqualTo("\u00ff");
    assertThat(metadata).containsEntry("tokenizer.ggml.pre", new GgufValue.Text("gpt-2"));
    assertThat(notes).isEmpty();
  }

  @Test
  void ofSeveralTemplatesTheDefaultIsTaken() throws IOException {
    Path source = copy("gpt2");
    EditedFile.replace(
        source.resolve("tokenizer_config.json"),
        "\"model_max_length\"",
        "\"chat_template\": [{\"name\": \"rag\", \"template\": \"a\"},"
            + " {\"name\": \"default\", \"template\": \"b\"}], \"model_max_length\"");
    assertThat(read("gpt2", source))
        .containsEntry("tokenizer.chat_template", new GgufValue.Text("b"));
  }

  @Test
  void ofSeveralEndTokensTheFirstIsTakenWhereNoNameSaysWhich() throws IOException {
    Path source = copy("llama3");
    Files.delete(source.resolve("tokenizer_config.json"));
    assertThat(read("llama3", source))
        .containsEntry("tokenizer.ggml.eos_token_id", new GgufValue.Unsigned(379));
  }
}
