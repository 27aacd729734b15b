package dev.lanewise.trainer.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.cli.jvm.ChildJvm;
import dev.lanewise.trainer.cli.jvm.EndedProcess;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.progress.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextFilesTest {

  @TempDir Path folder;

  @Test
  void foldersAreReadInTheOrderOfTheirNames() throws IOException {
    write("b.txt", "b");
    write("a/z.txt", "az");
    write("a/B.txt", "aB");
    write("c d/ü 世界.txt", "c");
    write("B.md", "B");
    TextFiles files = TextFiles.of(List.of(folder));
    assertThat(Texts.of(files)).isEqualTo("B\naB\naz\nb\nc");
    assertThat(Texts.of(files)).as("read again").isEqualTo("B\naB\naz\nb\nc");
  }

  @Test
  void namedFilesAreReadInTheirOwnOrderAndOnce() throws IOException {
    Path b = write("b", "b");
    Path a = write("a", "a");
    TextFiles files = TextFiles.of(List.of(b, a, b, folder));
    assertThat(Texts.of(files)).isEqualTo("b\na");
    assertThat(files.namedAgain()).containsExactly(b);
  }

  @Test
  void binaryFilesAreLeftOutOfFoldersAndRefusedByName() throws IOException {
    write("a.txt", "text");
    Path binary = write("b.png", "\u0089PNG\u0000");
    write("late.txt", "x".repeat(10_000) + "\u0000y");
    TextFiles files = TextFiles.of(List.of(folder));
    assertThat(files.skippedBinaryFiles()).isEqualTo(1);
    assertThat(Texts.of(files)).isEqualTo("text\n" + "x".repeat(10_000) + "y");
    assertThatThrownBy(() -> TextFiles.of(List.of(binary)))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageStartingWith(binary.toString())
        .hasMessageContaining("binary");
  }

  @Test
  void hiddenFilesAreLeftOutOfFoldersButNotByName() throws IOException {
    Path hidden = write(".hidden", "secret");
    write(".git/config", "secret");
    write("a", "a");
    assertThat(Texts.of(TextFiles.of(List.of(folder)))).isEqualTo("a");
    assertThat(Texts.of(TextFiles.of(List.of(hidden)))).isEqualTo("secret");
  }

  @Test
  void linksAreFollowedAndLoopsEnd() throws IOException {
    write("real/a", "a");
    try {
      Files.createSymbolicLink(folder.resolve("real/loop"), folder);
      Files.createSymbolicLink(folder.resolve("real/same"), folder.resolve("real/a"));
      Files.createSymbolicLink(folder.resolve("real/nowhere"), folder.resolve("gone"));
      Files.createSymbolicLink(folder.resolve("self"), folder.resolve("self"));
    } catch (UnsupportedOperationException | IOException e) {
      Assumptions.abort("symbolic links cannot be made here");
    }
    TextFiles files = TextFiles.of(List.of(folder));
    assertThat(Texts.of(files)).isEqualTo("a");
    assertThat(files.brokenLinks())
        .containsExactly(folder.resolve("real/nowhere"), folder.resolve("self"));
    assertThat(Texts.of(TextFiles.of(List.of(folder.resolve("real/loop"))))).isEqualTo("a");
  }

  @Test
  void malformedTextNamesItsFile() throws IOException {
    write("good.txt", "good");
    Path bad = folder.resolve("latin1.txt");
    Files.write(bad, "Käse".getBytes(ISO_8859_1));
    TextFiles files = TextFiles.of(List.of(folder));
    assertThatThrownBy(() -> Texts.of(files))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageStartingWith(bad + ": not valid UTF-8 at byte 1:");
  }

  @Test
  void whatIsNotThereIsNamed() throws IOException {
    Path missing = folder.resolve("no such file");
    assertThatThrownBy(() -> TextFiles.of(List.of(missing)))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContaining("no such file or folder");
    assertThatThrownBy(() -> TextFiles.of(List.of(folder)))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContaining("no text file found");
  }

  /**
   * 64 MB from a file through cleaning; what is held at a time is bounded by the size of a chunk.
   */
  @Test
  void largeFilesAreStreamed() throws IOException {
    Path large = folder.resolve("large.txt");
    byte[] block =
        "All work and no play makes Jack a dull boy.\r\n".repeat(1000).getBytes(ISO_8859_1);
    int blocks = 1500;
    try (OutputStream out = Files.newOutputStream(large)) {
      for (int i = 0; i < blocks; i++) {
        out.write(block);
      }
    }
    long[] total = {0};
    TextFiles.of(List.of(large))
        .copyTo(
            (utf8, offset, length) -> {
              assertThat(length).isLessThanOrEqualTo(1 << 16);
              total[0] += length;
            });
    assertThat(total[0]).isEqualTo((long) blocks * (block.length - 1000));
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** U+FF5A comes before U+10400 in UTF-8, after its surrogates in UTF-16. */
  @Test
  void namesAreOrderedByTheirBytes() throws IOException {
    write("\uFF5A.txt", "z");
    write("\uD801\uDC00.txt", "deseret");
    write("ä.txt", "ä");
    write("b.txt", "b");
    assertThat(Texts.of(TextFiles.of(List.of(folder)))).isEqualTo("b\nä\nz\ndeseret");
  }

  /** A JVM that is not started by the launcher may run in it, and cannot decode the names. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere the locale does not say how names are")
  void namesAreOrderedByTheirBytesInTheLocaleC() throws Exception {
    for (int i = 0; i < 20; i++) {
      // Made in another order than that of the names.
      int letter = i * 7 % 20;
      write((char) ('\u00e0' + letter) + ".txt", String.valueOf((char) ('a' + letter)));
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            ChildJvm.command(List.of(), TextInOrder.class, List.of(folder.toString())));
    builder.environment().put("LC_ALL", "C");
    Process child = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    EndedProcess ended = EndedProcess.of(child);
    assertThat(ended.output().replace("\n", "")).isEqualTo("abcdefghijklmnopqrst");
    assertThat(ended.exitCode()).isZero();
  }

  @Test
  void foldersOfRunsAreNoText() throws IOException {
    write("a.txt", "a");
    write("runs/one/config.yaml", "steps: 1");
    write("runs/one/run.lock", "");
    write("runs/one/metrics.jsonl", "{}");
    write("copied/config.yaml", "steps: 1");
    write("copied/text.json", "[]");
    write("checkpoint/trainer.json", "{}");
    write("checkpoint/manifest.json", "{}");
    write("mine/config.yaml", "no run of ours");
    TextFiles files = TextFiles.of(List.of(folder));
    assertThat(Texts.of(files)).isEqualTo("a\nno run of ours");
    assertThat(files.runFolders())
        .containsExactly(
            folder.resolve("checkpoint"), folder.resolve("copied"), folder.resolve("runs/one"));
    assertThatThrownBy(() -> TextFiles.of(List.of(folder.resolve("runs/one"))))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContaining("the folder of a run");
    Path named = folder.resolve("runs/one/config.yaml");
    assertThat(Texts.of(TextFiles.of(List.of(named)))).isEqualTo("steps: 1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%PDF-1.4\nall ASCII",
        "\u0089PNG\r\n\u001A\n",
        "PK\u0003\u0004",
        "\u001F\u008B",
        "\u007FELF",
        "\u00FF\u00D8\u00FF\u00E0",
        "version https://git-lfs.github.com/spec/v1\noid sha256:0",
        "\u00FF\u00FEa"
      })
  void knownKindsAreBinary(String head) throws IOException {
    write("a.txt", "text");
    Path file = folder.resolve("b");
    Files.write(file, head.getBytes(ISO_8859_1));
    TextFiles files = TextFiles.of(List.of(folder));
    assertThat(Texts.of(files)).isEqualTo("text");
    assertThat(files.skippedBinaryFiles()).isEqualTo(1);
    assertThatThrownBy(() -> TextFiles.of(List.of(file))).hasMessageContaining("a binary file");
  }

  @Test
  void allBadFilesAreNamedAtOnceOrLeftOut() throws IOException {
    Path good = write("good.txt", "good");
    Path one = folder.resolve("latin1.txt");
    Path two = folder.resolve("zlatin1.txt");
    Files.write(one, "Käse".getBytes(ISO_8859_1));
    Files.write(two, "Öl".getBytes(ISO_8859_1));
    TextFiles files = TextFiles.of(List.of(folder));
    assertThatThrownBy(() -> Texts.of(files))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContainingAll("2 files", "--skip-bad", one + ": not", two + ": not");
    Path gone = folder.resolve("gone");
    Path binary = write("b.bin", "\u0000");
    assertThatThrownBy(() -> TextFiles.of(List.of(good, gone, binary)))
        .hasMessageContainingAll(gone + ": no such file", binary + ": a binary file");
    TextFiles usable = TextFiles.ofUsable(List.of(gone, folder), Progress.SILENT);
    assertThat(Texts.of(usable)).isEqualTo("good");
    assertThat(usable.bad()).hasSize(3);
    assertThatThrownBy(() -> TextFiles.ofUsable(List.of(one, gone), Progress.SILENT))
        .hasMessageContaining("no text file found");
  }
}
