package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.cli.jvm.ChildJvm;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.text.conversation.Document;
import dev.lanewise.trainer.text.conversation.JsonLines;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Messages through a pipe, to a tiny model that was never trained. */
class ChatCommandTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void copyModel() throws IOException {
    model = HuggingFaceModels.copy("llama3", folder.resolve("model"));
  }

  private CommandRun chat(String input, String... options) {
    return withInput(input.getBytes(StandardCharsets.UTF_8), arguments(options));
  }

  private String[] arguments(String... options) {
    List<String> arguments = new ArrayList<>(List.of("chat", "--model", model.toString()));
    arguments.addAll(List.of("--threads", "1", "--kernels", "scalar"));
    if (!List.of(options).contains("--max-tokens")) {
      arguments.addAll(List.of("--max-tokens", "6"));
    }
    arguments.addAll(List.of(options));
    return arguments.toArray(String[]::new);
  }

  private static CommandRun withInput(byte[] input, String... arguments) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(input));
    try {
      return CommandRun.of(arguments);
    } finally {
      System.setIn(before);
    }
  }

  private static List<JsonNode> objects(String out, String type) throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    for (String line : out.lines().toList()) {
      JsonNode object = JSON.readTree(line);
      if (object.get("type").asText().equals(type)) {
        objects.add(object);
      }
    }
    return objects;
  }

  @Test
  void eachLineIsAMessageAndTheAnswersAloneGoToTheOutput() throws IOException {
    String input = "Hello!\n\nWhy?\r\n//x";
    CommandRun run = chat(input).requireSuccess();
    List<JsonNode> answers = objects(chat(input, "--json").requireSuccess().out(), "answer");
    assertThat(answers).hasSize(3);
    StringBuilder expected = new StringBuilder();
    answers.forEach(answer -> expected.append(answer.get("text").asText()).append('\n'));
    assertThat(run.out().replace(System.lineSeparator(), "\n")).isEqualTo(expected.toString());
    assertThat(run.err()).contains("cut after 6 tokens");
  }

  @Test
  void scriptsGetAnObjectForEachAnswer() throws IOException {
    Path saved = folder.resolve("saved.jsonl");
    CommandRun run =
        chat("Hello!\nWhy?\n/save " + saved + "\n//x\n", "--json", "--quiet").requireSuccess();
    List<JsonNode> answers = objects(run.out(), "answer");
    assertThat(answers).hasSize(3);
    for (int i = 0; i < answers.size(); i++) {
      JsonNode answer = answers.get(i);
      assertThat(answer.get("message").asInt()).isEqualTo(i + 1);
      assertThat(answer.get("tokens").asInt()).isEqualTo(6);
      assertThat(answer.get("end").asText()).isEqualTo("max_tokens");
      assertThat(answer.get("left_turns").asInt()).isZero();
      assertThat(answer.get("kept_tokens").asInt()).isLessThan(answer.get("prompt_tokens").asInt());
    }
    assertThat(answers.get(1).get("kept_tokens").asInt()).isPositive();
    JsonNode result = objects(run.out(), "result").getFirst();
    assertThat(result.get("command").asText()).isEqualTo("chat");
    assertThat(result.get("messages").asInt()).isEqualTo(3);
    assertThat(result.get("refused").asInt()).isZero();
    assertThat(messages(saved).get(3).get("content"))
        .isEqualTo(answers.get(1).get("text").asText());
  }

  private static List<Map<String, Object>> messages(Path saved) throws IOException {
    try (JsonLines lines = JsonLines.open(saved)) {
      return ((Document.Conversation) lines.next().document()).messages();
    }
  }

  @Test
  void aSavedConversationIsALineOfJson() throws IOException {
    Path saved = folder.resolve("saved.jsonl");
    String save = "/save " + saved;
    CommandRun run =
        chat(String.join(
                "\n", save, "/system Be <|eot_id|> brief.", "Größe?", save, "/reset", "Hm.", save))
            .requireSuccess();
    assertThat(run.err()).contains("there is no answer yet", "Added to");
    try (JsonLines lines = JsonLines.open(saved)) {
      List<Map<String, Object>> first =
          ((Document.Conversation) lines.next().document()).messages();
      assertThat(first)
          .extracting(m -> m.get("role"))
          .containsExactly("system", "user", "assistant");
      assertThat(first.get(0).get("content")).isEqualTo("Be <|eot_id|> brief.");
      assertThat(first.get(1).get("content")).isEqualTo("Größe?");
      List<Map<String, Object>> second =
          ((Document.Conversation) lines.next().document()).messages();
      assertThat(second.get(1).get("content")).isEqualTo("Hm.");
      assertThat(lines.next()).isNull();
    }
    CommandRun data =
        CommandRun.of("data", "--model", model.toString(), "--data", saved.toString());
    assertThat(data.requireSuccess().out()).contains("documents=2");
  }

  /** Checkpoints never change, and their manifest would not be that of their files any more. */
  @Test
  void nothingIsSavedIntoACheckpoint() throws IOException {
    Path checkpoint = Files.createDirectories(folder.resolve("run/checkpoints/step-000001"));
    Path state = Files.writeString(checkpoint.resolve("trainer.json"), "{}");
    Files.writeString(checkpoint.resolve("manifest.json"), "{}");
    CommandRun run = chat("Hello!\n/save " + state + "\n").requireSuccess();
    assertThat(run.err()).contains("/save: ", state.toString(), "the checkpoints of a run");
    assertThat(state).hasContent("{}");
  }

  @Test
  void nothingIsSavedIntoAFileOfARun() throws IOException {
    Path metrics = Files.writeString(folder.resolve("metrics.jsonl"), "{}");
    Files.writeString(folder.resolve("config.yaml"), "");
    CommandRun run = chat("Hello!\n/save " + metrics + "\n").requireSuccess();
    assertThat(run.err()).contains("/save: ", metrics.toString(), "a file of a run");
    assertThat(metrics).hasContent("{}");
  }

  @Test
  void theSystemMessageIsTheOptionsOrTheCommands() {
    String byOption = chat("Hello!\n", "--system", "Be brief.").requireSuccess().out();
    assertThat(chat("/system Be brief.\nHello!\n").out()).isEqualTo(byOption);
    assertThat(chat("Hello!\n").out()).isNotEqualTo(byOption);
    assertThat(chat("/system\nHello!\n", "--system", "Be brief.").out())
        .isEqualTo(chat("Hello!\n").out());
  }

  @Test
  void anUnknownCommandIsToldAndIsNoMessage() {
    CommandRun run = chat("/sava x\n/help\n/quit\nHello!\n").requireSuccess();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("/sava: there is no such command", "/system TEXT");
  }

  @Test
  void whatIsRefusedIsToldTheRestIsAnswered() throws IOException {
    byte[] input = ("word ".repeat(900) + "\nHello!\n").getBytes(StandardCharsets.UTF_8);
    CommandRun run = withInput(input, arguments());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("this message is too long");
    assertThat(run.out()).isEqualTo(chat("Hello!\n").out());

    CommandRun binary = withInput(new byte[] {(byte) 0xff, '\n', 'a', '\n'}, arguments("--json"));
    assertThat(binary.exitCode()).isEqualTo(1);
    assertThat(objects(binary.out(), "warning").toString())
        .contains("line 1 of the standard input");
    assertThat(objects(binary.out(), "answer")).hasSize(1);
  }

  @Test
  void turnsThatLeaveAreTold() {
    CommandRun run = chat("Hello! ".repeat(3) + "\n" + "Why?\n".repeat(6), "--context", "80");
    assertThat(run.requireSuccess().err()).contains("80 tokens", "it no longer sees the oldest");
  }

  @Test
  void ctrlCStopsTheAnswerAndNotTheChat() throws IOException {
    assumeFalse(ChildJvm.ignoreInterrupt(), "INT is ignored here");
    StringWriter out = new StringWriter();
    // The signal comes at the first piece of the first answer.
    StringWriter interrupting =
        new StringWriter() {
          private boolean raised;

          @Override
          public void write(String text, int offset, int length) {
            out.write(text, offset, length);
            if (!raised && text.contains("\"piece\"")) {
              raised = true;
              raise(new Signal("INT"));
            }
          }
        };
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("Hello!\nWhy?\n".getBytes(StandardCharsets.UTF_8)));
    try {
      int exitCode =
          LanewiseCommand.execute(
              new PrintWriter(interrupting),
              new PrintWriter(new StringWriter()),
              arguments("--json", "--max-tokens", "400"));
      assertThat(exitCode).isZero();
    } finally {
      System.setIn(before);
    }
    List<JsonNode> answers = objects(out.toString(), "answer");
    assertThat(answers).hasSize(2);
    assertThat(answers.get(0).get("end").asText()).isEqualTo("stopped");
    assertThat(answers.get(0).get("tokens").asInt()).isBetween(1, 399);
    assertThat(answers.get(1).get("end").asText()).isNotEqualTo("stopped");
  }

  /** Raises a signal, and returns when the chat has handled it, on a thread of the JVM's. */
  private static void raise(Signal signal) {
    CountDownLatch handled = new CountDownLatch(1);
    AtomicReference<SignalHandler> ofChat = new AtomicReference<>();
    SignalHandler watched =
        raised -> {
          ofChat.get().handle(raised);
          handled.countDown();
        };
    ofChat.set(Signal.handle(signal, watched));
    Signal.raise(signal);
    try {
      assertThat(handled.await(5, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    Signal.handle(signal, ofChat.get());
  }

  @Test
  void generateAnswersOneMessage() throws IOException {
    String answer = chat("Hello!\n", "--system", "Be brief.").requireSuccess().out();
    List<String> arguments =
        List.of(
            "generate",
            "--model",
            model.toString(),
            "--chat",
            "--system",
            "Be brief.",
            "--max-tokens",
            "6",
            "--threads",
            "1");
    List<String> byOption = new ArrayList<>(arguments);
    byOption.addAll(List.of("--prompt", "Hello!"));
    assertThat(CommandRun.of(byOption.toArray(String[]::new)).requireSuccess().out())
        .isEqualTo(answer);
    List<String> byInput = new ArrayList<>(arguments);
    byInput.addAll(List.of("--prompt-file", "-"));
    assertThat(
            withInput("Hello!".getBytes(StandardCharsets.UTF_8), byInput.toArray(String[]::new))
                .out())
        .isEqualTo(answer);
    byOption.add("--json");
    JsonNode result =
        objects(CommandRun.of(byOption.toArray(String[]::new)).out(), "result").getFirst();
    assertThat(result.get("prompt").asText()).isEqualTo("Hello!");
    assertThat(result.get("text").asText()).isEqualTo(answer.stripTrailing());
    assertThat(result.get("tokens").asInt()).isEqualTo(6);
  }

  @Test
  void whatDoesNotGoTogetherIsSaid() {
    CommandRun run =
        CommandRun.of("generate", "--model", model.toString(), "--system", "x", "--prompt", "y");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--system goes with --chat");
    CommandRun chat = chat("", "--context", "3", "--temperature", "-1");
    assertThat(chat.exitCode()).isEqualTo(2);
    assertThat(chat.err()).contains("--context 3", "--temperature -1");
  }

  @Test
  void aModelWithoutTemplateIsRefused() throws IOException {
    Files.delete(model.resolve("tokenizer_config.json"));
    Path gpt2 = HuggingFaceModels.copy("gpt2", folder.resolve("gpt2"));
    CommandRun run = CommandRun.of("chat", "--model", gpt2.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("this model cannot chat", "lanewise generate");
    // Llama 3's special tokens are enough.
    assertThat(chat("Hello!\n").requireSuccess().out()).isNotBlank();
  }
}
