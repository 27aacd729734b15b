package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class EvalCommandTest {

  @TempDir private Path folder;

  private Path train() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), Texts.LINES);
    Path run = folder.resolve("run");
    CommandRun.train(text, run, "--steps=2").requireSuccess();
    return run;
  }

  @Test
  void aTextOfOneTokenIsExplainedInTheWordsOfTheCommand() throws IOException {
    Path run = train();
    Path one = Files.writeString(folder.resolve("one.txt"), "t");
    CommandRun eval = CommandRun.of("eval", "--model", run.toString(), "--data", one.toString());
    assertThat(eval.exitCode()).isEqualTo(1);
    assertThat(eval.err())
        .contains("one.txt", "has 1 token,", "nothing can be measured")
        .doesNotContain("validation", "split");
  }

  /** Its second token is the one that ends it: a loss of no byte. */
  @Test
  void aTextOfWhichOnlyTheEndIsPredictedIsExplained() throws IOException {
    Path text = Files.writeString(folder.resolve("text.txt"), Texts.LINES);
    Path run = folder.resolve("run");
    CommandRun.train(text, run, "--steps=2", "--tokenizer=gpt2").requireSuccess();
    Path one = Files.writeString(folder.resolve("one.txt"), "t");
    CommandRun eval = CommandRun.of("eval", "--model", run.toString(), "--data", one.toString());
    assertThat(eval.exitCode()).isEqualTo(1);
    assertThat(eval.err()).contains("one.txt", "special tokens", "nothing can be measured");
    assertThat(eval.out()).isEmpty();
  }

  @Test
  void whatHasNoDocumentIsNamed() throws IOException {
    Path run = train();
    Path empty = Files.writeString(folder.resolve("empty.jsonl"), "");
    Path blank = Files.writeString(folder.resolve("blank.jsonl"), "\n \n\n");
    Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\"tex\": 1}\n");
    Path letter = Files.writeString(folder.resolve("letter.jsonl"), "{\"text\": \"t\"}\n");
    String eval = "eval --model " + run + " --skip-bad --data ";
    for (Path file : List.of(empty, blank)) {
      CommandRun refused = CommandRun.line(eval + file);
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err())
          .contains("lanewise eval: " + file + ": there is no document in it")
          .doesNotContain("--train-on");
    }
    assertThat(CommandRun.line(eval + bad).err())
        .contains(bad + ": no document is left after skipping 1 bad line; the first: ", "tex");
    assertThat(CommandRun.line(eval + letter).err())
        .contains(
            letter + ": no document has a token that counts after its first, which is given,",
            "give longer documents")
        .doesNotContain("--train-on");
    Path nothing = Files.writeString(folder.resolve("empty.txt"), "");
    assertThat(CommandRun.line(eval + nothing).err()).contains(nothing + ": there is no text");
    CommandRun data = CommandRun.line("data --model " + run + " --data " + empty);
    assertThat(data.err()).contains("warning: " + empty + ": there is no document in it");
  }

  @Test
  void aShorterContextPredictsFromLess() throws IOException {
    Path run = train();
    String[] eval = {
      "eval", "--model", run.toString(), "--data", folder.resolve("text.txt").toString()
    };
    CommandRun whole = CommandRun.of(eval);
    CommandRun shorter = CommandRun.of(with(eval, "--context", "8"));
    assertThat(shorter.out()).contains("tokens=1899").isNotEqualTo(whole.out());
    assertThat(whole.out()).contains("tokens=1899");
    assertThat(CommandRun.of(with(eval, "--context", "16")).out()).isEqualTo(whole.out());
    CommandRun longer = CommandRun.of(with(eval, "--context", "17"));
    assertThat(longer.exitCode()).isEqualTo(2);
    assertThat(longer.err()).contains("--context 17", "sees 16 tokens");
  }

  /** Memory is that of the text, not of what the model could see. */
  @Test
  void aModelThatSeesAMillionTokensIsMeasuredOnAShortText() throws IOException {
    Path model = HuggingFaceModels.copy("llama-smollm2", folder.resolve("model"));
    EditedFile.replace(
        model.resolve("config.json"),
        "\"max_position_embeddings\": 128",
        "\"max_position_embeddings\": 1000000");
    Path text = Files.writeString(folder.resolve("text.txt"), "The cat sat. ".repeat(9));
    CommandRun eval = CommandRun.of("eval", "--model", model.toString(), "--data", text.toString());
    assertThat(eval.exitCode()).as(eval.err()).isZero();
    CommandRun generate =
        CommandRun.of("generate", "--model", model.toString(), "--prompt", "a", "--max-tokens=3");
    assertThat(generate.exitCode()).as(generate.err()).isZero();
  }

  private static String[] with(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  /** The command waits for its standard input, whose copy is in the temporary folder. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nothingStaysBehindAfterTerm() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    try (LanewiseProcess eval =
        LanewiseProcess.start(
            folder.resolve("output.txt"),
            List.of("-Djava.io.tmpdir=" + temporary),
            List.of("eval", "--model", folder.toString(), "--data", "-"))) {
      while (ownFolders(temporary).stream().noneMatch(EvalCommandTest::hasInput)) {
        assertThat(eval.isAlive()).as(eval.output()).isTrue();
        Thread.sleep(5);
      }
      eval.signal("TERM");
      assertThat(eval.exitCode()).as(eval.output()).isEqualTo(128 + 15);
      assertThat(ownFolders(temporary)).isEmpty();
    }
  }

  private static boolean hasInput(Path temporary) {
    return Files.exists(temporary.resolve("standard-input.txt.tmp"));
  }

  private static List<Path> ownFolders(Path temporary) throws IOException {
    try (Stream<Path> entries = Files.list(temporary)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith("lanewise-eval"))
          .toList();
    }
  }
}
