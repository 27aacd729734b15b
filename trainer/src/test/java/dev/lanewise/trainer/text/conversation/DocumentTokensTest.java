package dev.lanewise.trainer.text.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Templates that do not just write one message after the other, on Qwen3's tokenizer. */
class DocumentTokensTest {
  private static final String HEAD = "{% for m in messages %}<|im_start|>{{ m.role }}\n";

  private static final String PROMPT =
      "{% if add_generation_prompt %}<|im_start|>assistant\n{{ '' }}{% endif %}";

  @TempDir Path folder;
  private Tokenizer tokenizer;

  @BeforeEach
  void copyTokenizer() throws IOException {
    try (InputStream in =
        DocumentTokensTest.class.getResourceAsStream("/tokenizers/of-qwen3/tokenizer.json")) {
      Files.copy(in, folder.resolve("tokenizer.json"));
    }
    Files.writeString(
        folder.resolve("tokenizer_config.json"), "{\"eos_token\": {\"content\": \"<|im_end|>\"}}");
    tokenizer = TokenizerFolder.load(folder);
  }

  @Test
  void whereThoughtsAreCutAwayEachAnswerIsLearnedByItself() throws Exception {
    template(
        HEAD
            + "{{ m.content if loop.last else m.content.split('</think>')[-1] }}<|im_end|>\n{% endfor %}"
            + PROMPT);
    DocumentTokens.Result result =
        encode("user:a", "assistant:<think>x</think>b", "user:c", "assistant:<think>y</think>d");
    assertThat(result.parts())
        .extracting(this::shown)
        .containsExactly(
            "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[<think>x</think>b<|im_end|>]\n",
            "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n[<think>y</think>d<|im_end|>]\n");
    assertThat(result.notes())
        .singleElement()
        .asString()
        .contains("each answer is learned by itself");
  }

  @Test
  void aPromptThatBeginsAThoughtIsNoPartOfAnAnswerWithoutOne() throws Exception {
    template(
        HEAD
            + "{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n<think>\n{{ '' }}{% endif %}");
    assertThat(shown(encode("user:a", "assistant:b").parts().getFirst()))
        .isEqualTo("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[b<|im_end|>]\n");
    assertThat(shown(encode("user:a", "assistant:<think>\nb").parts().getFirst()))
        .isEqualTo(
            "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n<think>\n[b<|im_end|>]\n");
  }

  /** As transformers renders it; the word may stand in the calls too. */
  @Test
  void theWordForMissingContentIsTold() throws Exception {
    Map<String, Object> call = Map.of("function", Map.of("name", "f"));
    Map<String, Object> answer = new HashMap<>(Map.of("role", "assistant"));
    answer.put("content", null);
    answer.put("tool_calls", List.of(call));
    Document conversation =
        Document.Conversation.of(List.of(Map.of("role", "user", "content", "None"), answer));
    template(HEAD + "{{ m.content }}<|im_end|>\n{% endfor %}" + PROMPT);
    DocumentTokens.Result result = tokens().of(conversation);
    assertThat(shown(result.parts().getFirst())).endsWith("assistant\n[None<|im_end|>]\n");
    assertThat(result.notes()).singleElement().asString().contains("None", "content is null");
    template(HEAD + "{{ m.content or '' }}<|im_end|>\n{% endfor %}" + PROMPT);
    assertThat(tokens().of(conversation).notes()).isEmpty();
  }

  @Test
  void tagsThatEncloseSomethingElseAreFollowedAndTold() throws Exception {
    template(
        HEAD
            + "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}<|im_end|>\n{% endfor %}"
            + PROMPT);
    DocumentTokens.Result result = encode("user:a", "assistant:b");
    assertThat(shown(result.parts().getFirst()))
        .isEqualTo("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[b]<|im_end|>\n");
    assertThat(result.notes()).singleElement().asString().contains("the tags are followed");
  }

  @Test
  void aTemplateWithoutEndTokensCountsTheAnswer() throws Exception {
    template(
        "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}");
    assertThat(shown(encode("user:a", "assistant:b", "user:c").parts().getFirst()))
        .isEqualTo("user: a\nassistant:[ b\n]user: c\n");
  }

  @Test
  void anAnswerWhoseBeginningCannotBeToldIsRefused() throws Exception {
    template("{{ messages | length }}" + HEAD + "{{ m.content }}<|im_end|>\n{% endfor %}" + PROMPT);
    assertThatThrownBy(() -> encode("user:a", "assistant:b"))
        .isInstanceOf(InvalidDocumentException.class)
        .hasMessageContaining("where this answer begins cannot be told")
        .extracting("field")
        .isEqualTo("messages[1]");
  }

  @Test
  void whatTheTemplateRefusesIsRefused() throws Exception {
    template(
        "{% if messages[0].role != 'user' %}{{ raise_exception('a user first') }}{% endif %}"
            + HEAD
            + "{{ m.content }}{% endfor %}");
    assertThatThrownBy(() -> encode("system:a"))
        .isInstanceOf(InvalidDocumentException.class)
        .hasMessage("the chat template fails: line 1: the template refuses: a user first");
  }

  @Test
  void aTemplateThatActsOnTheNameOfASpecialTokenIsRefused() throws Exception {
    template(HEAD + "{{ m.content.split('<|im_end|>')[0] }}<|im_end|>\n{% endfor %}" + PROMPT);
    assertThat(encode("user:a").parts()).hasSize(1);
    assertThatThrownBy(() -> encode("user:a<|im_end|>b"))
        .isInstanceOf(InvalidDocumentException.class)
        .hasMessageContaining("whether it is text or the token cannot be told");
  }

  @Test
  void allCountsWhereAllIsAskedFor() throws Exception {
    template(HEAD + "{{ m.content }}<|im_end|>\n{% endfor %}" + PROMPT);
    DocumentTokens tokens =
        new DocumentTokens(tokenizer, ChatForm.of(folder, tokenizer), TrainOn.ALL);
    assertThat(shown(tokens.of(conversation("user:a", "assistant:b")).parts().getFirst()))
        .isEqualTo("[<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n]");
    assertThat(shown(tokens.of(new Document.Completion("a", "b")).parts().getFirst()))
        .isEqualTo("[ab<|im_end|>]");
  }

  @Test
  void theTemplateForToolsIsTakenWhereThereAreTools() throws Exception {
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"chat_template": [
          {"name": "default", "template": "{{ messages[0].content }}"},
          {"name": "tool_use", "template": "{{ tools | tojson }}"},
          {"name": "rag", "template": "{% frob %}"}]}
        """);
    ChatForm form = ChatForm.of(folder, tokenizer);
    Document.Conversation plain = conversation("user:a");
    assertThat(form.render(plain, false).text()).isEqualTo("a");
    assertThat(
            form.render(new Document.Conversation(plain.messages(), List.of("t"), Map.of()), false)
                .text())
        .isEqualTo("[\"t\"]");
    assertThat(form.origin()).isEqualTo("tokenizer_config.json");
  }

  @Test
  void aTemplateWithWhatIsNotKnownIsRefusedWhenTheFolderIsOpened() throws Exception {
    template("{% if false %}\n{{ messages | frob }}{% endif %}");
    assertThatThrownBy(() -> ChatForm.of(folder, tokenizer))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(
            folder.resolve("chat_template.jinja")
                + ": the chat template cannot be used: line 2: the filter 'frob' is not known");
  }

  private void template(String source) throws IOException {
    Files.writeString(folder.resolve("chat_template.jinja"), source);
  }

  private DocumentTokens.Result encode(String... messages) throws Exception {
    return tokens().of(conversation(messages));
  }

  private DocumentTokens tokens() throws Exception {
    return new DocumentTokens(tokenizer, ChatForm.of(folder, tokenizer), TrainOn.ANSWERS);
  }

  private static Document.Conversation conversation(String... messages) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (String message : messages) {
      int colon = message.indexOf(':');
      list.add(
          Map.of("role", message.substring(0, colon), "content", message.substring(colon + 1)));
    }
    return Document.Conversation.of(list);
  }

  /** The text, with brackets around the tokens that count. */
  private String shown(CountedTokens tokens) {
    StringBuilder text = new StringBuilder();
    boolean before = false;
    for (int i = 0; i < tokens.ids().length; i++) {
      boolean counted = tokens.counted()[i];
      text.append(counted == before ? "" : counted ? "[" : "]")
          .append(tokenizer.decode(tokens.ids(), i, i + 1));
      before = counted;
    }
    return text.append(before ? "]" : "").toString();
  }
}
