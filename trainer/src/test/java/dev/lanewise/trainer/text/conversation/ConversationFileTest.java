package dev.lanewise.trainer.text.conversation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.Pipe;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ConversationFileTest {

  private static final Document.Conversation CHAT =
      Document.Conversation.of(
          List.of(
              Map.of("role", "user", "content", "\"Grüße\"\nund \ud83d\ude00\\"),
              Map.of("role", "assistant", "content", "")));

  @TempDir private Path folder;

  @Test
  void whatIsAddedIsReadAgain() throws IOException {
    Document.Conversation withAll =
        new Document.Conversation(
            List.of(Map.of("role", "user", "content", List.of(Map.of("text", "x")))),
            Arrays.asList(1, 2.5, true, null),
            Map.of("thinking", false));
    Path file = folder.resolve("chats.jsonl");
    ConversationFile.append(file, CHAT);
    ConversationFile.append(file, withAll);
    try (JsonLines lines = JsonLines.open(file)) {
      assertThat(lines.next().document()).isEqualTo(CHAT);
      assertThat(lines.next().document()).isEqualTo(withAll);
      assertThat(lines.next()).isNull();
    }
  }

  @Test
  void aLineThatWasNotEndedIs() throws IOException {
    Path file = folder.resolve("chats.jsonl");
    Files.writeString(file, "{\"text\": \"a\"}");
    ConversationFile.append(file, CHAT);
    try (JsonLines lines = JsonLines.open(file)) {
      assertThat(lines.next().document()).isEqualTo(new Document.Text("a"));
      assertThat(lines.next().document()).isEqualTo(CHAT);
    }
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aPipeIsNamed() throws Exception {
    Path pipe = folder.resolve("pipe");
    Pipe.make(pipe);
    assertThatThrownBy(() -> ConversationFile.append(pipe, CHAT))
        .isInstanceOf(InvalidFileException.class)
        .hasMessage(pipe + ": not a regular file");
  }

  private void requireRefused(FailingDisk disk, String operation) {
    Path file = disk.path(folder.resolve("chats.jsonl"));
    disk.watch(
        asked -> {
          if (asked.equals("write chats.jsonl") || asked.equals(operation + " chats.jsonl")) {
            throw new IOException(asked);
          }
        });
    assertThatThrownBy(() -> ConversationFile.append(file, CHAT))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContainingAll(folder.resolve("chats.jsonl").toString(), "write chats.jsonl");
  }

  @Test
  void ofAFileThatCouldNotBeBegunNothingStays() {
    requireRefused(new FailingDisk(), "");
    assertThat(folder).isEmptyDirectory();
  }

  /** The disk that refuses a line may refuse to take it back too; the first is what went wrong. */
  @Test
  void whyALineWasNotWrittenIsToldWhateverComesAfter() throws IOException {
    Files.writeString(folder.resolve("chats.jsonl"), "{\"text\": \"a\"}\n");
    requireRefused(new FailingDisk(), "truncate");
    assertThat(folder.resolve("chats.jsonl")).hasContent("{\"text\": \"a\"}\n");
  }

  @Test
  void aPackedFileStaysAsItIs() throws IOException {
    Path file = folder.resolve("chats.jsonl.gz");
    byte[] packed = {0x1f, (byte) 0x8b, 8};
    Files.write(file, packed);
    assertThatThrownBy(() -> ConversationFile.append(file, CHAT))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining("packed");
    assertThat(file).hasBinaryContent(packed);
  }
}
