package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.reliability.Pipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunFolderTest {

  @TempDir private Path folder;

  private RunFolder run() {
    return new RunFolder(folder);
  }

  private void requireRefused() {
    assertThatThrownBy(() -> run().rememberedText())
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("text.json", "name the text with --data");
  }

  @Test
  void namedTextIsRemembered() throws IOException {
    assertThat(run().rememberedText()).isEmpty();
    List<Path> named = List.of(folder.resolve("a b \"ü\".txt"), folder.resolve("c"));
    Files.write(run().text(), RunFolder.textFile(named));

    assertThat(run().rememberedText()).contains(named);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "null",
        "[null]",
        "[[\"a\"]]",
        "[{}]",
        "\"a\"",
        "[\"a\"",
        "[\"a\"] [\"b\"]",
        "[\"a\\u0000b\"]",
        "\u0000"
      })
  void textThatNoRunWroteIsRefused(String text) throws IOException {
    Files.writeString(folder.resolve("text.json"), text);
    requireRefused();
  }

  @Test
  void textThatNoRunWouldWriteIsRefusedQuickly() throws IOException {
    Files.writeString(folder.resolve("text.json"), "[".repeat(1 << 20));
    requireRefused();
    Files.writeString(folder.resolve("text.json"), "[\"" + "x".repeat(1 << 25) + "\"]");
    requireRefused();
  }

  @Test
  void whatIsNotAFileIsRefused() throws Exception {
    Files.createDirectory(folder.resolve("text.json"));
    requireRefused();
    Files.delete(folder.resolve("text.json"));
    Pipe.make(folder.resolve("text.json"));
    requireRefused();
  }
}
