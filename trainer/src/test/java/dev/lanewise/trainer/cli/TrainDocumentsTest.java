package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.text.token.TokenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code train} puts documents together, and which of them it keeps for validation. */
class TrainDocumentsTest {

  private static final int DOCUMENTS = 12;
  private static final int END_OF_TEXT = 50256;

  @TempDir private Path folder;
  private Path texts;

  @BeforeEach
  void writeDocuments() throws IOException {
    texts = Files.createDirectory(folder.resolve("texts"));
    for (int i = 0; i < DOCUMENTS; i++) {
      String line = "%c and <|endoftext|> again%n".formatted('A' + i);
      Files.writeString(texts.resolve("%02d.txt".formatted(i)), line.repeat(8));
    }
  }

  private Path train(String... more) {
    Path run = folder.resolve("run");
    List<String> options = new ArrayList<>(List.of("--context=8", "--steps=1"));
    options.addAll(List.of(more));
    CommandRun.train(texts, run, options.toArray(String[]::new)).requireSuccess();
    return run;
  }

  private static int[] ids(Path run, String name) throws IOException {
    try (TokenFile file = TokenFile.open(run.resolve("data").resolve(name))) {
      int[] ids = new int[(int) file.size()];
      file.copy(0, ids.length, ids, 0);
      return ids;
    }
  }

  private static long count(Path run, int id) throws IOException {
    long count = 0;
    for (String name : List.of("training.tokens", "validation.tokens")) {
      for (int each : ids(run, name)) {
        count += each == id ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void documentsEndWithTheEndTokenOfTheTokenizer() throws IOException {
    Path run = train("--tokenizer", "gpt2");
    assertThat(count(run, END_OF_TEXT)).isEqualTo(DOCUMENTS);
    CommandRun resumed =
        CommandRun.of("train", "--resume", "--out", run.toString(), "--steps", "2");
    resumed.requireSuccess();
    CommandRun other =
        CommandRun.of("train", "--resume", "--out", run.toString(), "--separator", "\n");
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("--separator was");
  }

  @Test
  void documentsAreJoinedByWhatIsAskedFor() throws IOException {
    assertThat(count(train("--tokenizer", "gpt2", "--separator", "\n"), END_OF_TEXT)).isZero();
  }

  @Test
  void namesOfSpecialTokensStandForThemWhenAskedTo() throws IOException {
    assertThat(count(train("--tokenizer", "gpt2", "--special"), END_OF_TEXT))
        .isEqualTo(DOCUMENTS + 8 * DOCUMENTS);
  }

  /** Each document has a letter of its own: with characters, it is in one of the files only. */
  @Test
  void wholeDocumentsValidateAndTheSeedDrawsThem() throws IOException {
    Path run = train("--tokenizer", "char");
    List<Integer> letters = new ArrayList<>();
    int[] validation = ids(run, "validation.tokens");
    int[] training = ids(run, "training.tokens");
    for (int id : validation) {
      if (contains(training, id)) {
        continue;
      }
      if (!letters.contains(id)) {
        letters.add(id);
      }
    }
    assertThat(letters).hasSize(1);
    assertThat(validation[0]).isEqualTo(letters.getFirst());
  }

  @Test
  void theTailOfTheJoinedTextValidatesWhenAskedTo() throws IOException {
    int[] validation = ids(train("--tokenizer", "char", "--split", "tail"), "validation.tokens");
    int[] training = ids(folder.resolve("run"), "training.tokens");
    // The border is inside a document, whose letter both have.
    assertThat(contains(training, validation[validation.length - 1])).isTrue();
    assertThat(validation.length).isLessThan(training.length / 8);
    CommandRun wrong = CommandRun.of("train", "--split", "none");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("--split none", "tail, documents");
  }

  private static boolean contains(int[] ids, int id) {
    for (int each : ids) {
      if (each == id) {
        return true;
      }
    }
    return false;
  }
}
