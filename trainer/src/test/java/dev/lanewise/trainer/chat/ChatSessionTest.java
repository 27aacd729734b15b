package dev.lanewise.trainer.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.generate.Generator;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.run.LoadedModel;
import dev.lanewise.trainer.text.conversation.ChatForm;
import dev.lanewise.trainer.text.conversation.Document;
import dev.lanewise.trainer.text.conversation.PromptTokens;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conversations with tiny models that were never trained: what matters is what they see. */
class ChatSessionTest {

  private static final SamplingOptions SEEDED = new SamplingOptions(0.9, 0, 1, 7);

  @TempDir private Path folder;
  private WorkerPool pool;

  @BeforeEach
  void makePool() {
    pool = new WorkerPool(1);
  }

  @AfterEach
  void closePool() {
    pool.close();
  }

  private LoadedModel load(String name) throws IOException {
    Path model = HuggingFaceModels.copy(name, folder.resolve(name));
    return LoadedModel.forGeneration(model, ScalarKernels.create());
  }

  private ChatSession session(LoadedModel model, int maxTokens, int context) throws IOException {
    return new ChatSession(model, form(model), new ChatOptions(SEEDED, maxTokens, context), pool);
  }

  private static ChatForm form(LoadedModel model) throws IOException {
    return ChatSession.form(model.folder(), model.tokenizer());
  }

  private static Map<String, Object> message(String role, String content) {
    return Map.of("role", role, "content", content);
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-smollm2", "llama3", "qwen3"})
  void whatIsKeptOfTheTurnsBeforeDoesNotShow(String name) throws Exception {
    LoadedModel model = load(name);
    PromptTokens prompts = new PromptTokens(model.tokenizer(), form(model));
    List<Map<String, Object>> messages = new ArrayList<>();
    messages.add(message("system", "Be brief."));
    try (ChatSession chat = session(model, 9, Integer.MAX_VALUE)) {
      chat.setSystem("Be brief.");
      for (String said : List.of("Hello!", "And then?", "Why?")) {
        messages.add(message("user", said));
        int[] prompt = prompts.of(Document.Conversation.of(messages));
        List<String> pieces = new ArrayList<>();
        Answer answer = chat.say(said, pieces::add);

        assertThat(answer.text()).isEqualTo(fromNothing(model, prompts, prompt, 9));
        assertThat(String.join("", pieces)).isEqualTo(answer.text());
        assertThat(pieces).noneMatch(piece -> endsWithinCharacter(piece));
        assertThat(answer.promptTokens()).isEqualTo(prompt.length);
        if (messages.size() > 2) {
          assertThat(answer.keptTokens()).isBetween(10, prompt.length - 5);
        }
        messages.add(message("assistant", answer.text()));
      }
      assertThat(chat.conversation().messages()).isEqualTo(messages);
    }
  }

  private String fromNothing(LoadedModel model, PromptTokens prompts, int[] prompt, int tokens) {
    Generator generator = model.newGenerator(pool, prompts.answerEnds());
    List<Integer> ids = new ArrayList<>();
    generator.generateTokens(prompt, tokens, SEEDED, () -> false, ids::add);
    List<Integer> special =
        model.tokenizer().addedTokens().stream()
            .filter(AddedToken::special)
            .map(AddedToken::id)
            .toList();
    int[] shown = ids.stream().filter(id -> !special.contains(id)).mapToInt(id -> id).toArray();
    return model.tokenizer().decode(shown);
  }

  private static boolean endsWithinCharacter(String piece) {
    return Character.isHighSurrogate(piece.charAt(piece.length() - 1));
  }

  /** As templates do that cut thoughts away: what the last answer had is not there any more. */
  @Test
  void aTemplateThatChangesEarlierTurnsKeepsWhatIsTheSame() throws Exception {
    Path changed = HuggingFaceModels.copy("qwen3", folder.resolve("changed"));
    Files.writeString(
        changed.resolve("chat_template.jinja"),
        "{% for m in messages %}<|im_start|>{{ m.role }}\n"
            + "{% if m.role == 'assistant' %}{{ m.content[:2] }}{% else %}{{ m.content }}{% endif %}"
            + "<|im_end|>\n{% endfor %}"
            + "{% if add_generation_prompt %}<|im_start|>assistant\n{{ '' }}{% endif %}");
    LoadedModel model = LoadedModel.forGeneration(changed, ScalarKernels.create());
    PromptTokens prompts = new PromptTokens(model.tokenizer(), form(model));
    try (ChatSession chat = session(model, 12, Integer.MAX_VALUE)) {
      Answer first = chat.say("Hello!", piece -> {});
      assertThat(first.text()).hasSizeGreaterThan(2);
      Answer second = chat.say("Why?", piece -> {});

      assertThat(second.keptTokens()).isBetween(first.promptTokens(), first.promptTokens() + 3);
      int[] prompt =
          prompts.of(
              Document.Conversation.of(
                  List.of(
                      message("user", "Hello!"),
                      message("assistant", first.text()),
                      message("user", "Why?"))));
      assertThat(second.text()).isEqualTo(fromNothing(model, prompts, prompt, 12));
    }
  }

  @Test
  void theOldestTurnsLeaveAndTheSystemMessageStays() throws Exception {
    LoadedModel model = load("llama3");
    PromptTokens prompts = new PromptTokens(model.tokenizer(), form(model));
    int context = 300;
    List<Map<String, Object>> said = new ArrayList<>();
    int first = 0;
    int timesLeft = 0;
    try (ChatSession chat = session(model, 10, context)) {
      chat.setSystem("Be brief.");
      for (int turn = 0; turn < 24; turn++) {
        Answer answer = chat.say("turn " + turn, piece -> {});
        first += answer.leftTurns();
        timesLeft += answer.leftTurns() > 0 ? 1 : 0;
        List<Map<String, Object>> seen = new ArrayList<>();
        seen.add(message("system", "Be brief."));
        seen.addAll(said.subList(2 * first, said.size()));
        seen.add(message("user", "turn " + turn));
        int[] expected = prompts.of(Document.Conversation.of(seen));
        assertThat(answer.promptTokens()).isEqualTo(expected.length);
        assertThat(answer.promptTokens() + answer.tokens()).isLessThanOrEqualTo(context);
        assertThat(answer.text()).isEqualTo(fromNothing(model, prompts, expected, 10));
        said.add(message("user", "turn " + turn));
        said.add(message("assistant", answer.text()));
      }
      assertThat(first).isBetween(10, 23);
      assertThat(timesLeft).isLessThan(first);
      assertThat(chat.conversation().messages()).hasSize(49).endsWith(said.getLast());
    }
  }

  @Test
  void aMessageThatIsTooLongIsRefusedAndLeavesTheConversationAsItWas() throws Exception {
    LoadedModel model = load("llama-smollm2");
    try (ChatSession chat = session(model, 8, Integer.MAX_VALUE)) {
      chat.say("Hello!", piece -> {});
      Document.Conversation before = chat.conversation();
      assertThatThrownBy(() -> chat.say("word ".repeat(200), piece -> {}))
          .isInstanceOf(RefusedMessageException.class)
          .hasMessageContaining("too long")
          .hasMessageContaining("the model sees 128");
      assertThat(chat.conversation()).isEqualTo(before);
      Answer next = chat.say("Again?", piece -> {});
      assertThat(next.leftTurns()).isZero();
      assertThat(next.keptTokens()).isPositive();
    }
  }

  @Test
  void whatTheTemplateRefusesIsRefused() throws Exception {
    Path refusing = HuggingFaceModels.copy("qwen3", folder.resolve("refusing"));
    Files.writeString(
        refusing.resolve("chat_template.jinja"),
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
            + "{% for m in messages %}<|im_start|>{{ m.content }}<|im_end|>{% endfor %}");
    LoadedModel model = LoadedModel.forGeneration(refusing, ScalarKernels.create());
    try (ChatSession chat = session(model, 4, Integer.MAX_VALUE)) {
      chat.setSystem("Be brief.");
      assertThatThrownBy(() -> chat.say("Hello!", piece -> {}))
          .isInstanceOf(RefusedMessageException.class)
          .hasMessageContaining("no system role");
      chat.setSystem(" ");
      assertThat(chat.say("Hello!", piece -> {}).text()).isNotNull();
    }
  }

  @Test
  void anAnswerThatIsStoppedStaysAsFarAsItCame() throws Exception {
    LoadedModel model = load("llama3");
    try (ChatSession chat = session(model, 200, Integer.MAX_VALUE)) {
      AtomicInteger pieces = new AtomicInteger();
      Answer answer =
          chat.say("Hello!", () -> pieces.get() >= 3, piece -> pieces.incrementAndGet());
      assertThat(answer.end()).isEqualTo(Answer.End.STOPPED);
      assertThat(answer.text()).isNotEmpty();
      assertThat(chat.conversation().messages())
          .containsExactly(message("user", "Hello!"), message("assistant", answer.text()));

      Answer none = chat.say("And then?", () -> true, piece -> {});
      assertThat(none.end()).isEqualTo(Answer.End.STOPPED);
      assertThat(chat.conversation().messages()).hasSize(2);
    }
  }

  @Test
  void anAnswerEndsWhereItsLimitOrTheContextEnds() throws Exception {
    LoadedModel model = load("llama3");
    try (ChatSession chat = session(model, 3, Integer.MAX_VALUE)) {
      assertThat(chat.say("Hello!", piece -> {}).end()).isEqualTo(Answer.End.MAX_TOKENS);
    }
    // Some answers end by themselves: of 384 tokens three end one.
    List<Answer.End> ends = new ArrayList<>();
    for (String said : List.of("a", "b", "c", "d", "e", "f", "g", "h")) {
      int prompt = ChatSession.question(model.tokenizer(), form(model), null, said).length;
      int context = prompt + prompt / 3 + 2;
      try (ChatSession chat = session(model, 400, context)) {
        Answer answer = chat.say(said, piece -> {});
        assertThat(answer.promptTokens()).isEqualTo(prompt);
        assertThat(answer.tokens())
            .isBetween(answer.end() == Answer.End.CONTEXT ? context - prompt : 0, context - prompt);
        ends.add(answer.end());
      }
    }
    assertThat(ends).contains(Answer.End.CONTEXT).doesNotContain(Answer.End.MAX_TOKENS);
  }

  /** The models' files name other tokens, or none, for the end of texts. */
  @ParameterizedTest
  @CsvSource({"llama-smollm2, <|im_end|>", "qwen3, <|im_end|>", "llama3, <|eot_id|>"})
  void theTemplateSaysWithWhichTokenAnswersEnd(String name, String end) throws Exception {
    LoadedModel model = load(name);
    assertThat(new PromptTokens(model.tokenizer(), form(model)).answerEnds())
        .containsExactly(id(model, end));
  }

  @Test
  void anAnswerEndsAtSuchAToken() throws Exception {
    LoadedModel model = load("llama3");
    int[] prompt = ChatSession.question(model.tokenizer(), form(model), null, "Hello!");
    List<Integer> ids = new ArrayList<>();
    model.newGenerator(pool).generateTokens(prompt, 9, SEEDED, () -> false, ids::add);
    List<Integer> ended = new ArrayList<>();
    int end = ids.getLast();
    Generator generator = model.newGenerator(pool, Set.of(end));
    Generator.Result result = generator.generateTokens(prompt, 9, SEEDED, () -> false, ended::add);
    assertThat(ended).isEqualTo(ids.subList(0, ids.indexOf(end)));
    assertThat(result.tokens()).isEqualTo(ended.size());
  }

  private static int id(LoadedModel model, String name) {
    return model.tokenizer().addedTokens().stream()
        .filter(token -> token.name().equals(name))
        .findFirst()
        .orElseThrow()
        .id();
  }

  @ParameterizedTest
  @CsvSource({"llama-smollm2, <|im_end|>", "llama3, <|eot_id|>"})
  void namesOfSpecialTokensInMessagesStayText(String name, String end) throws Exception {
    LoadedModel model = load(name);
    int id = id(model, end);
    int[] plain = ChatSession.question(model.tokenizer(), form(model), "Be brief.", "a b");
    int[] named =
        ChatSession.question(model.tokenizer(), form(model), "Be" + end + " brief.", "a " + end);
    assertThat(Arrays.stream(named).filter(one -> one == id))
        .hasSameSizeAs(Arrays.stream(plain).filter(one -> one == id).boxed().toList());
    assertThat(model.tokenizer().decode(named)).contains("a " + end + end);
  }

  @Test
  void aNewConversationKnowsNothingOfTheLast() throws Exception {
    LoadedModel model = load("llama-smollm2");
    try (ChatSession chat = session(model, 8, Integer.MAX_VALUE)) {
      chat.setSystem("Be brief.");
      Answer first = chat.say("Hello!", piece -> {});
      chat.say("Why?", piece -> {});
      chat.reset();
      assertThat(chat.conversation().messages()).containsExactly(message("system", "Be brief."));
      assertThat(chat.say("Hello!", piece -> {}).text()).isEqualTo(first.text());
    }
  }

  @Test
  void aModelWithoutTemplateIsRefusedAndToldWhatToDo() throws Exception {
    LoadedModel model = load("gpt2");
    assertThatThrownBy(() -> form(model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has no chat template")
        .hasMessageContaining("lanewise generate");
  }
}
