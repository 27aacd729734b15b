package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.StorageProblem;
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
    return messages(restore, writing, "page.html");
  }

  private List<String> messages(Writing restore, Writing writing, String result)
      throws IOException {
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
        boolean written = refused.getMessage().contains("the result is there all the same");
        List<String> expected = written ? List.of(result) : before;
        if (refused.getMessage().contains("what was there before is ")) {
          assertThat(names()).hasSize(2).containsAll(expected);
        } else {
          assertThat(names()).as(refused.getMessage()).isEqualTo(expected);
        }
      } else {
        assertThat(names()).as("refused, and not told").isEqualTo(List.of(result));
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
                    Progress.SILENT),
            "text.txt");

    assertThat(file).hasContent("a");
    assertThat(messages)
        .hasSizeGreaterThan(2)
        .allMatch(message -> message.startsWith(results.toString()))
        .allMatch(message -> message.contains("choose another place with --out"));
  }

  /** Nothing is wrong with the disk of the run then. */
  @Test
  void anInputThatCannotBeReadIsNotTheFaultOfTheDisk() throws IOException {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("Connection reset");
          }

          @Override
          public int read(byte[] into, int at, int most) throws IOException {
            return read();
          }
        };
    List<Path> named = List.of(Path.of("-"));
    Path file = results.resolve("text.txt");
    IOException refused =
        catchThrowableOfType(
            IOException.class,
            () -> StandardInput.saved(named, broken, file, "--out", Progress.SILENT));

    assertThat(refused).hasMessage("the standard input: it cannot be read: Connection reset");
    assertThat(names()).isEmpty();
  }

  @Test
  void aModelIsThereOrTheOneThatWasThere() throws IOException {
    Path model = results.resolve("model");
    OutputPlace place = new OutputPlace(disk.path(model), true, true);
    List<String> messages =
        messages(
            () -> {
              Files.createDirectory(model);
              Files.writeString(model.resolve("config.json"), "old");
            },
            () -> place.write(folder -> DurableFiles.write(folder.resolve("config.json"), "new")),
            "model");

    assertThat(model.resolve("config.json")).hasContent("new");
    assertThat(messages)
        .hasSizeGreaterThan(4)
        .allMatch(
            message ->
                message.endsWith("what was there is unchanged")
                    || message.contains("the result is there all the same"));
  }

  /** Where the old one cannot be put back either, it is told where it is. */
  @Test
  void aModelThatCannotBePutBackIsNotLost() throws IOException {
    Path model = Files.createDirectory(results.resolve("model"));
    Files.writeString(model.resolve("config.json"), "old");
    OutputPlace place = new OutputPlace(disk.path(model), true, true);
    boolean[] away = new boolean[1];
    disk.watch(
        operation -> {
          if (operation.startsWith("rename") && away[0]) {
            throw new IOException("Input/output error");
          }
          away[0] |= operation.startsWith("rename");
        });
    IOException refused =
        catchThrowableOfType(
            IOException.class,
            () -> place.write(folder -> DurableFiles.write(folder.resolve("config.json"), "new")));

    assertThat(names()).hasSize(1);
    Path former = results.resolve(names().getFirst());
    assertThat(former.resolve("config.json")).hasContent("old");
    assertThat(refused).hasMessageEndingWith("what was there is now " + former);
  }

  @Test
  void whatTheProgramRefusesIsNotTheFaultOfTheDisk() throws IOException {
    Path file = results.resolve("page.html");
    OutputPlace place = new OutputPlace(file, false, false);
    IOException refused =
        catchThrowableOfType(
            IOException.class,
            () ->
                place.write(
                    temporary -> {
                      Files.writeString(temporary, "new");
                      Files.writeString(file, "somebody's");
                    }));

    assertThat(refused).hasMessageEndingWith("page.html is there already; --overwrite replaces it");
    assertThat(file).hasContent("somebody's");
    assertThat(names()).containsExactly("page.html");
  }

  /** Of a process of another container, with the same number. */
  @Test
  void aTemporaryOfAnotherProcessStays() throws IOException {
    Path file = results.resolve("page.html");
    Path others = results.resolve("page.html.%d.tmp".formatted(ProcessHandle.current().pid()));
    Files.writeString(others, "another's");
    new OutputPlace(file, false, false).write(temporary -> Files.writeString(temporary, "new"));

    assertThat(file).hasContent("new");
    assertThat(others).hasContent("another's");
  }

  @Test
  void aFolderOfTheNameOfATemporaryStays() throws IOException {
    Path mine = Files.createDirectory(results.resolve("page.html.tmp"));
    Files.writeString(mine.resolve("notes.txt"), "mine");
    Path page = results.resolve("page.html");
    assertThatThrownBy(() -> DurableFiles.replace(page, "new")).isInstanceOf(IOException.class);

    assertThat(mine.resolve("notes.txt")).hasContent("mine");
    assertThat(page).doesNotExist();
  }

  @Test
  void aFolderThatIsNotThereHasNotVanished() {
    Path page = results.resolve("nowhere").resolve("page.html");
    IOException refused =
        catchThrowableOfType(IOException.class, () -> DurableFiles.replace(page, "new"));

    assertThat(StorageProblem.explain(page, refused, "--html"))
        .hasMessage(
            page + ": there is no such folder; create it, or choose another place with --html");
  }
}
