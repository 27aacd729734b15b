package dev.lanewise.trainer.text.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.Pipe;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonLinesTest {

  @TempDir Path folder;

  @Test
  void readsAllKindsOfDocuments() throws IOException {
    String text =
        """
        \ufeff{"text": "a\\nb"}

        {"prompt": "p", "completion": "c", "source": 1}
        {"prompt": "p", "text": "t"}
        {"prompt": "p", "messages": [{"role": "user", "content": "\u00e9", "x": [1, 2.5, null, true]}]}
        {"tools": [{}], "messages": [{"role": "assistant", "content": null, "tool_calls": []}], "chat_template_kwargs": {"k": 1}}\
        """;
    try (JsonLines lines = JsonLines.open(file(text.getBytes(StandardCharsets.UTF_8)))) {
      assertThat(lines.next().document()).isEqualTo(new Document.Text("a\nb"));
      assertThat(lines.next())
          .extracting(JsonLines.Line::number, JsonLines.Line::document)
          .containsExactly(3L, new Document.Completion("p", "c"));
      assertThat(lines.next().document()).isEqualTo(new Document.Text("t"));
      Document.Conversation chat = (Document.Conversation) lines.next().document();
      assertThat(chat.messages().getFirst())
          .containsEntry("content", "é")
          .containsEntry("x", Arrays.asList(1, 2.5, null, true));
      Document.Conversation last = (Document.Conversation) lines.next().document();
      assertThat(last.tools()).isEqualTo(List.of(Map.of()));
      assertThat(last.variables()).isEqualTo(Map.of("k", 1));
      assertThat(lines.next()).isNull();
    }
  }

  @Test
  void readsWhatIsPacked() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write("{\"text\": \"a\"}\n{\"text\": \"b\"}".getBytes(StandardCharsets.UTF_8));
    }
    Path file = file(packed.toByteArray());
    try (JsonLines lines = JsonLines.open(file)) {
      assertThat(lines.next().document()).isEqualTo(new Document.Text("a"));
      assertThat(lines.next().document()).isEqualTo(new Document.Text("b"));
      assertThat(lines.next()).isNull();
    }
  }

  /** The next call is the end, so that who passes over bad lines comes to one. */
  @Test
  @Timeout(60)
  void packedDataThatIsCutShortOrDamagedIsNamed() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      for (int i = 0; i < 5000; i++) {
        gzip.write(("{\"text\": \"" + i * 77777 + "\"}\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    byte[] whole = packed.toByteArray();
    requireEndAfterProblem(Arrays.copyOf(whole, whole.length / 2), "was cut short");
    Arrays.fill(whole, whole.length / 2, whole.length / 2 + 100, (byte) 0xff);
    requireEndAfterProblem(whole, "is damaged");
  }

  private void requireEndAfterProblem(byte[] bytes, String message) throws IOException {
    Path file = file(bytes);
    List<String> problems = new ArrayList<>();
    try (JsonLines lines = JsonLines.open(file)) {
      boolean more = true;
      while (more) {
        try {
          more = lines.next() != null;
        } catch (InvalidFileException e) {
          problems.add(e.getMessage());
        }
      }
    }
    assertThat(problems.getLast()).contains(file.toString(), "line ", message);
  }

  /** Other programs' columns, as they wrote them. */
  @Test
  void fieldsThatAreNotReadMayBeAnything() throws IOException {
    Path file = folder.resolve("extra.jsonl");
    Files.writeString(
        file,
        "{\"score\": NaN, \"text\": \"a\", \"score\": -Infinity, \"x\": {\"y\": 1, \"y\": [NaN]}}\n");
    try (JsonLines lines = JsonLines.open(file)) {
      assertThat(lines.next().document()).isEqualTo(new Document.Text("a"));
      assertThat(lines.next()).isNull();
    }
  }

  /** As a table is written that has columns for several kinds. */
  @Test
  void columnsThatALineLeavesEmptyArePassedOver() throws IOException {
    String lines =
        """
        {"messages": null, "prompt": null, "completion": null, "text": "a"}
        {"messages": null, "prompt": "p", "completion": "c", "text": null}
        {"messages": [{"role": "user", "content": "u"}], "prompt": null, "completion": null}
        """;
    try (JsonLines read = JsonLines.open(file(lines.getBytes(StandardCharsets.UTF_8)))) {
      assertThat(read.next().document()).isEqualTo(new Document.Text("a"));
      assertThat(read.next().document()).isEqualTo(new Document.Completion("p", "c"));
      assertThat(read.next().document()).isInstanceOf(Document.Conversation.class);
    }
  }

  static List<Arguments> bad() {
    return List.of(
        Arguments.of("{\"text\": 1}", "line 2, text: expected a string, found 1"),
        Arguments.of(
            "{\"prompt\": \"p\"}", "line 2, completion: it is missing: a string is expected"),
        Arguments.of(
            "{\"completion\": \"p\"}", "line 2, prompt: it is missing: a string is expected"),
        Arguments.of(
            "{\"conversations\": []}",
            "line 2: it has neither \"text\" nor \"prompt\" and \"completion\" nor \"messages\","
                + " but conversations"),
        Arguments.of("[1]", "line 2: expected an object, found a list"),
        Arguments.of("{\"messages\": {}}", "line 2, messages: expected a list, found an object"),
        Arguments.of("{\"messages\": []}", "line 2, messages: the list is empty"),
        Arguments.of("{\"messages\": [1]}", "line 2, messages[0]: expected an object, found 1"),
        Arguments.of(
            "{\"messages\": [{\"content\": \"a\"}]}",
            "line 2, messages[0].role: it is missing: a string is expected"),
        Arguments.of(
            "{\"messages\": [{\"role\": \"user\"}]}",
            "line 2, messages[0].content: it is missing: a string is expected"),
        Arguments.of(
            "{\"messages\": [{\"role\": \"user\", \"content\": null}]}",
            "line 2, messages[0].content: expected a string, found null"),
        Arguments.of(
            "{\"messages\": [{\"role\": \"user\", \"content\": [1]}]}",
            "line 2, messages[0].content[0]: expected an object, found 1"),
        Arguments.of("{\"text\": \"a\"", "line 2: not valid JSON at column "),
        Arguments.of(
            "{\"text\": \"a\", \"text\": \"b\"}",
            "line 2: not valid JSON: duplicate name \"text\""),
        Arguments.of("{\"text\": \"a\"} {}", "line 2: there is more after the JSON object"),
        Arguments.of(
            "{\"messages\": [{\"role\": \"a\", \"role\": \"b\", \"content\": \"\"}]}",
            "line 2, messages[0]: not valid JSON: duplicate name \"role\""),
        Arguments.of("{\"text\": NaN}", "line 2, text: NaN is no number of JSON"),
        Arguments.of("[".repeat(200), "line 2: not valid JSON: nested more than 100 deep"),
        Arguments.of("x", "line 2: not valid JSON at column "));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void aBadLineIsNamedAndTheNextOneIsRead(String line, String message) throws IOException {
    Path file =
        file(
            ("{\"text\": \"a\"}\n" + line + "\n{\"text\": \"c\"}\n")
                .getBytes(StandardCharsets.UTF_8));
    requireBadSecond(file, message);
  }

  @Test
  void whatIsNotUtf8IsNamed() throws IOException {
    requireBadSecond(
        file(
            "{\"text\": \"a\"}\n{\"text\": \"\u00ff\"}\n{\"text\": \"c\"}"
                .getBytes(StandardCharsets.ISO_8859_1)),
        "line 2: it is not valid UTF-8");
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void whatIsNoFileIsNamed() throws Exception {
    assertThatThrownBy(() -> JsonLines.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(folder + ": a folder");
    Path pipe = folder.resolve("pipe");
    Pipe.make(pipe);
    assertThatThrownBy(() -> JsonLines.open(pipe))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(pipe + ": not a regular file");
    Path pointer =
        file("version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> JsonLines.open(pointer))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageStartingWith(pointer + ": only a pointer of Git LFS");
  }

  private static void requireBadSecond(Path file, String message) throws IOException {
    try (JsonLines lines = JsonLines.open(file)) {
      assertThat(lines.next().document()).isEqualTo(new Document.Text("a"));
      assertThatThrownBy(lines::next)
          .isInstanceOf(InvalidFileException.class)
          .hasMessageStartingWith(file + ": " + message);
      assertThat(lines.next().document()).isEqualTo(new Document.Text("c"));
      assertThat(lines.next()).isNull();
    }
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("documents.jsonl"), bytes);
  }
}
