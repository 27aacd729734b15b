package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.fixture.Pipe;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunFolderTest {

  @TempDir private Path folder;

  private void requireUnusable(Path place, String... words) {
    assertThatThrownBy(() -> new RunFolder(place).requireUsable())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--out")
        .hasMessageContainingAll(words);
  }

  @Test
  void whatIsNeitherNewNorEmptyNorARunIsNotWrittenInto() throws IOException {
    requireUnusable(Path.of(""), "empty");
    Path mine = Files.createDirectory(folder.resolve("mine"));
    new RunFolder(mine).requireUsable();
    for (String name : List.of("config.yaml", "text.txt", "data", "checkpoints")) {
      Path file = Files.writeString(mine.resolve(name), "mine");
      requireUnusable(mine, mine.toString(), "other files");
      Files.delete(file);
    }
    Path file = Files.writeString(folder.resolve("file"), "mine");
    requireUnusable(file, file.toString(), "there is a file");
    requireUnusable(file.resolve("below"), file.toString(), "there is a file");
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
    requireUnusable(link, link.toString(), "link");
    requireUnusable(link.resolve("below"), link.toString(), "link");
    requireUnusable(folder.resolve("none/../x"), "no folder " + folder.resolve("none"));
    new RunFolder(mine.resolve("../x")).requireUsable();
    new RunFolder(folder.resolve("new/one")).requireUsable();
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void aRunIsWrittenIntoButNotItsCheckpointsAndData() throws IOException {
    SmallRun small = SmallRun.in(folder.resolve("run"));
    small.train(new RecordingListener());
    new RunFolder(small.folder()).requireUsable();
    Path checkpoint = small.newest().folder();
    requireUnusable(checkpoint, "inside the checkpoints");
    requireUnusable(checkpoint.resolve("new"), "inside the checkpoints");
    requireUnusable(checkpoint.resolveSibling("new"), "inside the checkpoints");
    Path data = new RunFolder(small.folder()).data();
    requireUnusable(data, "inside the data of a run", data.toString());
    requireUnusable(data.resolve("new/one"), "inside the data of a run", data.toString());
    Path mine = Files.createDirectory(folder.resolve("data"));
    new RunFolder(mine.resolve("run")).requireUsable();
  }

  @Test
  void runsOfTheSameSecondGetFoldersOfTheirOwn() throws IOException {
    LocalDateTime now = LocalDateTime.of(2026, 1, 2, 3, 4, 5);
    List<String> names =
        IntStream.range(0, 20)
            .parallel()
            .mapToObj(i -> fresh(now).path().getFileName().toString())
            .toList();
    assertThat(names).doesNotHaveDuplicates().contains("chapter-20260102-030405");
    assertThat(folder.resolve("runs")).isDirectoryNotContaining(path -> !Files.isDirectory(path));
  }

  private RunFolder fresh(LocalDateTime now) {
    try {
      return RunFolder.fresh(folder.resolve("runs"), "chapter", now);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aRunThatNeverTookAStepIsPassedOver() throws IOException {
    Path runs = folder.resolve("runs");
    assertThat(RunFolder.newest(runs)).isEmpty();
    SmallRun good = SmallRun.in(runs.resolve("good"));
    good.train(new RecordingListener());
    SmallRun failed = SmallRun.in(runs.resolve("later")).with(TextSource.of("a text", ""));
    assertThatThrownBy(() -> failed.train(new RecordingListener())).hasMessageContaining("no text");
    assertThat(failed.folder().resolve("config.yaml")).exists();
    Files.setLastModifiedTime(
        failed.folder().resolve("config.yaml"), FileTime.from(Instant.now().plusSeconds(60)));
    assertThat(RunFolder.newest(runs)).contains(new RunFolder(good.folder()));
  }

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
  void aNameThatCannotBeThatOfAFileIsShown() throws IOException {
    Files.writeString(folder.resolve("text.json"), "[\"a\\u0000b\"]");
    assertThatThrownBy(() -> run().rememberedText())
        .hasMessageContaining("\"a?b\" cannot be the name of a file here: ");
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
