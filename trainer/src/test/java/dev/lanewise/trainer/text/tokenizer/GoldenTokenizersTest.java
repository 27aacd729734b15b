package dev.lanewise.trainer.text.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.text.TokenizerFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers of every family give the ids and texts that Hugging Face's tokenizers gave. */
class GoldenTokenizersTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FILES =
      List.of("tokenizer.json", "tokenizer_config.json", "chat_template.jinja");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "smollm",
        "qwen2",
        "llama3",
        "of-gpt2",
        "of-llama-smollm2",
        "of-llama3",
        "of-qwen2",
        "of-qwen3",
        "of-mistral",
        "of-gpt-neox",
        "fallback-llama",
        "fallback-metaspace",
        "fallback-words",
        "fallback-bare"
      })
  void idsAndTextsAreThoseOfTheReference(String name) throws IOException {
    Tokenizer tokenizer = load(name);
    requireEncoded(tokenizer, cases(name, "encode.jsonl"));
    tokenizer.save(folder.resolve("saved"));
    Tokenizer again = TokenizerFolder.load(folder.resolve("saved"));
    assertThat(again.fingerprint()).isEqualTo(tokenizer.fingerprint());
    assertThat(again.endToken()).isEqualTo(tokenizer.endToken());
    requireEncoded(again, cases(name, "encode.jsonl"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gpt2",
        "smollm",
        "qwen2",
        "llama3",
        "fallback-llama",
        "fallback-metaspace",
        "fallback-words",
        "fallback-bare"
      })
  void anyIdsAreDecodedAsTheReferenceDoes(String name) throws IOException {
    Tokenizer tokenizer = load(name);
    for (JsonNode one : cases(name, "decode.jsonl")) {
      int[] ids = ids(one.get("ids"));
      String decoded = one.get("decoded").asText();
      assertThat(tokenizer.decode(ids)).as(one.toString()).isEqualTo(decoded);
      StreamingDecoder decoder = tokenizer.decoder();
      StringBuilder streamed = new StringBuilder();
      for (int id : ids) {
        streamed.append(decoder.accept(id));
      }
      assertThat(streamed + decoder.finish()).as(one.toString()).isEqualTo(decoded);
    }
  }

  private static int[] withoutSpecial(Tokenizer tokenizer, int[] ids) {
    Set<Integer> special =
        tokenizer.addedTokens().stream()
            .filter(AddedToken::special)
            .map(AddedToken::id)
            .collect(Collectors.toSet());
    return IntStream.of(ids).filter(id -> !special.contains(id)).toArray();
  }

  private static void requireEncoded(Tokenizer tokenizer, List<JsonNode> cases) throws IOException {
    assertThat(cases).hasSizeGreaterThanOrEqualTo(60);
    for (JsonNode one : cases) {
      String text = one.get("text").asText();
      int[] ids = ids(one.get("ids"));
      int[] plain = ids(one.get("ids_plain"));
      assertThat(tokenizer.encodeWithSpecial(text)).as(text).isEqualTo(ids);
      assertThat(tokenizer.encode(text)).as(text).isEqualTo(plain);
      for (int chunk : new int[] {1, 2, 7}) {
        assertThat(streamed(tokenizer, text, true, chunk)).as(text).isEqualTo(ids);
        assertThat(streamed(tokenizer, text, false, chunk)).as(text).isEqualTo(plain);
      }
      String decoded = one.get("decoded").asText();
      assertThat(tokenizer.decode(ids)).as(text).isEqualTo(decoded);
      assertThat(tokenizer.decode(withoutSpecial(tokenizer, ids)))
          .as(text)
          .isEqualTo(one.path("decoded_without_special").asText(decoded));
      JsonNode whole = one.path("ids_with_post_processor");
      List<Integer> all = new ArrayList<>(tokenizer.prefix());
      IntStream.of(ids).forEach(all::add);
      assertThat(all.stream().mapToInt(i -> i).toArray())
          .as(text)
          .isEqualTo(whole.isMissingNode() ? ids : ids(whole));
    }
  }

  private static int[] streamed(Tokenizer tokenizer, String text, boolean special, int chunk)
      throws IOException {
    List<Integer> ids = new ArrayList<>();
    TokenEncoder encoder =
        tokenizer.encoder(
            (some, count) -> IntStream.range(0, count).forEach(i -> ids.add(some[i])), special);
    byte[] utf8 = Utf8.bytes(text);
    for (int at = 0; at < utf8.length; at += chunk) {
      encoder.write(utf8, at, Math.min(chunk, utf8.length - at));
    }
    encoder.finish();
    return ids.stream().mapToInt(i -> i).toArray();
  }

  @Test
  void theFilesOfATokenizerFromElsewhereStayAsTheyAre() throws IOException {
    load("of-llama3").save(folder.resolve("saved"));
    requireSaved("of-llama3", "tokenizer.json");
    requireSaved("of-llama3", "tokenizer_config.json");
    load("of-qwen3").save(folder.resolve("saved"));
    requireSaved("of-qwen3", "tokenizer.json");
    requireSaved("of-qwen3", "chat_template.jinja");
    assertThat(folder.resolve("saved/vocab.json")).doesNotExist();
    load("fallback-llama").save(folder.resolve("saved"));
    requireSaved("fallback-llama", "tokenizer.json");
    requireSaved("fallback-llama", "tokenizer_config.json");
  }

  private void requireSaved(String name, String file) throws IOException {
    assertThat(folder.resolve("saved").resolve(file)).hasBinaryContent(resource(name, file));
  }

  /** Transformers' GPT2Tokenizer forgets SmolLM's digits, whatever tokenizer.json says. */
  @Test
  void theConfigurationNamesTheClassThatReadsTheFile() throws IOException {
    copy("smollm");
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"tokenizer_class\":\"GPT2Tokenizer\",\"eos_token\":\"<|im_end|>\","
            + "\"chat_template\":\"{{ messages }}\",\"added_tokens_decoder\":{\"0\":{\"a\":[1]}}}");
    Tokenizer tokenizer = TokenizerFolder.load(folder);
    assertThat(tokenizer.endToken()).hasValue(2);
    tokenizer.save(folder.resolve("saved"));
    JsonNode saved =
        JSON.readTree(folder.resolve("saved").resolve("tokenizer_config.json").toFile());
    assertThat(saved.get("tokenizer_class").asText()).isEqualTo("PreTrainedTokenizerFast");
    assertThat(saved.get("chat_template").asText()).isEqualTo("{{ messages }}");
    assertThat(saved.at("/added_tokens_decoder/0/a/0").asInt()).isEqualTo(1);
    assertThat(TokenizerFolder.load(folder.resolve("saved")).endToken()).hasValue(2);
  }

  private Tokenizer load(String name) throws IOException {
    copy(name);
    return TokenizerFolder.load(folder);
  }

  private void copy(String name) throws IOException {
    for (String file : FILES) {
      byte[] bytes = resource(name, file);
      if (bytes != null) {
        Files.write(folder.resolve(file), bytes);
      } else {
        Files.deleteIfExists(folder.resolve(file));
      }
    }
  }

  private static byte[] resource(String name, String file) throws IOException {
    try (InputStream in =
        GoldenTokenizersTest.class.getResourceAsStream("/tokenizers/" + name + "/" + file)) {
      return in == null ? null : in.readAllBytes();
    }
  }

  private static List<JsonNode> cases(String name, String file) throws IOException {
    try (var cases = JSON.readerFor(JsonNode.class).<JsonNode>readValues(resource(name, file))) {
      return cases.readAll();
    }
  }

  private static int[] ids(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }
}
