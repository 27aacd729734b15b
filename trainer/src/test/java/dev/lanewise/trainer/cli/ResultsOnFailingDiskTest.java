package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.fixture.disk.FailingDisk;
import dev.lanewise.trainer.progress.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commands write besides runs, where the disk refuses each operation in turn. */
class ResultsOnFailingDiskTest {

  private static final FailingDisk.Failure FULL =
      path -> new IOException("No space left on device");

  @TempDir private Path folder;
  private final FailingDisk disk = new FailingDisk();
  private Path results;

  @BeforeEach
  void makeFolder() throws IOException {
    results = Files.createDirectory(folder.resolve("results"));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(results)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Something that writes. */
  @FunctionalInterface
  private interface Writing {
    void run() throws IOException;
  }

  /** Has each operation refused, one after another; returns what was said. */
  private List<String> messages(Writing restore, Writing writing) throws IOException {
    List<String> messages = new ArrayList<>();
    for (int index = 0; ; index++) {
      DurableFiles.deleteTree(results);
      Files.createDirectory(results);
      restore.run();
      List<String> before = names();
      disk.failOnce(index, FULL);
      IOException refused = catchThrowableOfType(IOException.class, writing::run);
      if (disk.operations().size() <= index) {
        assertThat(refused).isNull();
        disk.repair();
        return messages;
      }
      if (refused != null) {
        messages.add(refused.getMessage());
        boolean written = refused.getMessage().endsWith("the result is there all the same");
        assertThat(names())
            .as(refused.getMessage())
            .isEqualTo(written ? List.of("page.html") : before);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aResultIsThereOrNothingOfIt(boolean replaces) throws IOException {
    Path file = results.resolve("page.html");
    OutputPlace place = new OutputPlace(disk.path(file), false, true);
    List<String> messages =
        messages(
            () -> {
              if (replaces) {
                Files.writeString(file, "old");
              }
            },
            () -> place.write(temporary -> DurableFiles.write(temporary, "new")));

    assertThat(file).hasContent("new");
    String left = replaces ? "what was there is unchanged" : "nothing was written";
    assertThat(messages)
        .hasSizeGreaterThan(3)
        .allMatch(message -> message.startsWith(results.toString()))
        .allMatch(message -> message.contains("the disk is full"))
        .allMatch(
            message -> message.contains("free some space, or choose another place with --out"))
        .allMatch(message -> message.endsWith(left) || message.endsWith("all the same"))
        .anyMatch(message -> message.endsWith(left));
  }

  @Test
  void theStandardInputIsThereOrNothingOfIt() throws IOException {
    Path file = results.resolve("text.txt");
    List<String> messages =
        messages(
            () -> {},
            () ->
                StandardInput.saved(
                    List.of(Path.of("-")),
                    new ByteArrayInputStream(new byte[] {'a'}),
                    disk.path(file),
                    "--out",
                    Progress.SILENT));

    assertThat(file).hasContent("a");
    assertThat(messages)
        .hasSizeGreaterThan(2)
        .allMatch(message -> message.startsWith(results.toString()))
        .allMatch(message -> message.contains("choose another place with --out"));
  }

  /** Nothing is wrong with the disk then. */
  @Test
  void anInputThatCannotBeReadIsNotTheFaultOfTheDisk() throws IOException {
    InputStream broken = Files.newInputStream(results);
    List<Path> named = List.of(Path.of("-"));
    Path file = results.resolve("text.txt");
    IOException refused =
        catchThrowableOfType(
            IOException.class,
            () -> StandardInput.saved(named, broken, file, "--out", Progress.SILENT));

    assertThat(refused)
        .hasMessage("the standard input: it cannot be read: Is a directory; check the disk");
    assertThat(names()).isEmpty();
  }
}
