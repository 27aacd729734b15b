package dev.lanewise.trainer.text.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts, ids and masks are those that transformers 5.18 gave. */
class GoldenConversationsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FILES =
      List.of("tokenizer.json", "tokenizer_config.json", "chat_template.jinja");

  @TempDir Path folder;

  /** Where the template of the folder comes from. */
  enum Template {
    ITS_OWN,
    WITHOUT_GENERATION_TAGS,
    BUILT_IN
  }

  @ParameterizedTest
  @CsvSource({
    "chatml, of-qwen3, ITS_OWN",
    "chatml, of-qwen3, WITHOUT_GENERATION_TAGS",
    "chatml, of-qwen3, BUILT_IN",
    "chatml-default-system, of-llama-smollm2, ITS_OWN",
    "chatml-default-system, of-llama-smollm2, WITHOUT_GENERATION_TAGS",
    "llama3, of-llama3, ITS_OWN",
    "llama3, of-llama3, WITHOUT_GENERATION_TAGS",
    "llama3, of-llama3, BUILT_IN"
  })
  void ofMessages(String name, String model, Template template) throws Exception {
    Tokenizer tokenizer = load(model, template);
    ChatForm form = ChatForm.of(folder, tokenizer);
    DocumentTokens tokens = new DocumentTokens(tokenizer, form, TrainOn.ANSWERS);
    List<JsonNode> golden = golden(name + ".golden.jsonl");
    List<Document> documents = documents("messages.jsonl");
    assertThat(documents).hasSameSizeAs(golden).hasSize(12);
    for (int i = 0; i < golden.size(); i++) {
      JsonNode expected = golden.get(i);
      Document.Conversation conversation = (Document.Conversation) documents.get(i);
      assertThat(form.render(conversation, false).text()).isEqualTo(expected.get("text").asText());
      assertThat(form.render(conversation, true).text())
          .isEqualTo(expected.get("text_with_generation_prompt").asText());
      DocumentTokens.Result result = tokens.of(conversation);
      assertThat(result.notes()).isEmpty();
      assertThat(result.parts()).hasSize(1);
      requireGolden(tokenizer, conversation, result.parts().getFirst(), expected);
    }
  }

  private static void requireGolden(
      Tokenizer tokenizer,
      Document.Conversation conversation,
      CountedTokens found,
      JsonNode expected) {
    assertThat(found.ids()).isEqualTo(ints(expected.get("ids_guarded")));
    if (expected.get("ids_guarded").equals(expected.get("ids"))) {
      assertThat(marks(found)).isEqualTo(ints(expected.get("assistant_mask")));
      assertThat(found.countedBefore(Integer.MAX_VALUE)).isEqualTo(expected.get("counted").asInt());
      return;
    }
    int[] counted =
        IntStream.range(0, found.ids().length)
            .filter(i -> found.counted()[i])
            .map(i -> found.ids()[i])
            .toArray();
    assertThat(tokenizer.decode(counted))
        .startsWith((String) conversation.messages().getLast().get("content"));
    assertThat(tokenizer.decode(counted))
        .endsWith("begins one." + tokenizer.decode(new int[] {tokenizer.endToken().orElseThrow()}));
  }

  @ParameterizedTest
  @CsvSource({"chatml, of-qwen3", "chatml-default-system, of-llama-smollm2", "llama3, of-llama3"})
  void ofPromptsAndTexts(String name, String model) throws Exception {
    Tokenizer tokenizer = load(model, Template.ITS_OWN);
    DocumentTokens tokens =
        new DocumentTokens(tokenizer, ChatForm.of(folder, tokenizer), TrainOn.ANSWERS);
    for (String kind : List.of("prompt-completion", "text")) {
      List<JsonNode> golden = golden(name + "." + kind + ".golden.jsonl");
      List<Document> documents = documents(kind + ".jsonl");
      assertThat(documents).hasSameSizeAs(golden).isNotEmpty();
      for (int i = 0; i < golden.size(); i++) {
        CountedTokens found = tokens.of(documents.get(i)).parts().getFirst();
        int[] prefix = ints(golden.get(i).get("post_processor_prefix"));
        int[] ids = ints(golden.get(i).get("ids"));
        int[] mask =
            golden.get(i).has("mask")
                ? ints(golden.get(i).get("mask"))
                : IntStream.generate(() -> 1).limit(ids.length).toArray();
        assertThat(found.ids()).isEqualTo(joined(prefix, ids));
        assertThat(marks(found)).isEqualTo(joined(new int[prefix.length], mask));
      }
    }
  }

  private static int[] joined(int[] first, int[] second) {
    return IntStream.concat(Arrays.stream(first), Arrays.stream(second)).toArray();
  }

  private static int[] marks(CountedTokens tokens) {
    return IntStream.range(0, tokens.counted().length)
        .map(i -> tokens.counted()[i] ? 1 : 0)
        .toArray();
  }

  private static int[] ints(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).asInt()).toArray();
  }

  private Tokenizer load(String model, Template template) throws IOException {
    for (String file : FILES) {
      String source = resource("/tokenizers/" + model + "/" + file);
      if (source == null || (template == Template.BUILT_IN && file.endsWith(".jinja"))) {
        continue;
      }
      if (template == Template.WITHOUT_GENERATION_TAGS) {
        source = source.replaceAll("\\{%-? (end)?generation %\\}", "");
      } else if (template == Template.BUILT_IN && file.equals("tokenizer_config.json")) {
        source = source.replace("\"chat_template\"", "\"other\"");
      }
      Files.writeString(folder.resolve(file), source);
    }
    return TokenizerFolder.load(folder);
  }

  private List<Document> documents(String name) throws IOException {
    Path file = folder.resolve("documents.jsonl");
    Files.writeString(file, resource("/chat/" + name));
    List<Document> documents = new ArrayList<>();
    try (JsonLines lines = JsonLines.open(file)) {
      for (JsonLines.Line line = lines.next(); line != null; line = lines.next()) {
        documents.add(line.document());
      }
    }
    return documents;
  }

  private static List<JsonNode> golden(String name) throws IOException {
    List<JsonNode> golden = new ArrayList<>();
    for (String line : resource("/chat/" + name).lines().toList()) {
      golden.add(JSON.readTree(line));
    }
    return golden;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = GoldenConversationsTest.class.getResourceAsStream(name)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
