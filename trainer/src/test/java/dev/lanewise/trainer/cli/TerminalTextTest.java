package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.disk.FailingDisk;
import dev.lanewise.trainer.progress.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminalTextTest {

  @TempDir private Path folder;

  @Test
  void controlCharactersAreMadeVisible() {
    assertThat(TerminalText.visible("a\tb\nc\u001B[31m\u000E\r\u007F\u009Bä😀"))
        .isEqualTo("a\tb\nc\u241B[31m\u240E\u240D\u2421<U+009B>ä😀");
  }

  /** No test has a terminal. */
  @Test
  void elsewhereTextStaysAsItIs() {
    assertThat(TerminalText.shown("\u001B")).isEqualTo("\u001B");
  }

  @Test
  void theStandardInputIsSavedInThePlaceOfItsName() throws IOException {
    Path file = folder.resolve("run/text.txt");
    Path other = Path.of("other");
    List<Path> paths = List.of(other, Path.of("-"), Path.of("-"));
    assertThat(
            StandardInput.saved(
                paths, new ByteArrayInputStream(new byte[] {'a'}), file, "--out", Progress.SILENT))
        .containsExactly(other, file);
    assertThat(Files.readString(file)).isEqualTo("a");
    Assertions.assertThatThrownBy(
            () ->
                StandardInput.saved(
                    paths, new ByteArrayInputStream(new byte[0]), file, "--out", Progress.SILENT))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(StandardInput.saved(List.of(other), System.in, file, "--out", Progress.SILENT))
        .containsExactly(other);
  }

  @Test
  void theStandardInputIsOnTheDiskBeforeItHasItsName() throws IOException {
    FailingDisk disk = new FailingDisk();
    Path run = Files.createDirectory(folder.resolve("run"));
    Files.writeString(run.resolve("text.txt.tmp"), "what a start that was killed has left");
    Path file = disk.path(run.resolve("text.txt"));
    StandardInput.saved(
        List.of(Path.of("-")),
        new ByteArrayInputStream(new byte[] {'a'}),
        file,
        "--out",
        Progress.SILENT);
    assertThat(Files.readString(run.resolve("text.txt"))).isEqualTo("a");
    assertThat(disk.operations())
        .endsWith("write text.txt.tmp", "fsync text.txt.tmp", "rename text.txt", "fsync run");
  }
}
