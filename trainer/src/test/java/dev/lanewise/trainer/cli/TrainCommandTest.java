package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigYaml;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Trains models so small that it takes no time, through the command line. */
class TrainCommandTest {
  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), Texts.words(4000));
  }

  @Test
  void withoutALockARunWarnsAndTrains() {
    CommandRun trained = train("unlocked", "--no-lock");
    trained.requireSuccess();
    assertThat(trained.err()).contains("warning: the run folder is not locked");
    assertThat(train("locked").err()).doesNotContain("not locked");
  }

  @Test
  void aRunByMinutesShowsAndKeepsTheNumberOfItsSteps() throws IOException {
    Path run = folder.resolve("timed");
    CommandRun timed = CommandRun.train(text, run, "--minutes=0.01", "--warmup=2", "--json");
    timed.requireSuccess();
    assertThat(timed.err() + timed.out())
        .contains("for --minutes, --schedule is wsd instead of cosine");
    List<JsonNode> told = new ArrayList<>();
    for (String line : timed.out().lines().toList()) {
      told.add(new ObjectMapper().readTree(line));
    }
    assertThat(told)
        .anyMatch(line -> line.path("type").asText().equals("ready") && line.get("steps").isNull());
    JsonNode decided =
        told.stream()
            .filter(l -> l.path("type").asText().equals("end_decided"))
            .findAny()
            .orElseThrow();
    assertThat(told.getLast().get("completed_steps")).isEqualTo(decided.get("steps"));
    assertThat(Files.readString(run.resolve("config.yaml")))
        .contains("\nschedule: wsd ", "\nminutes: 0.0 ", "\nsteps: " + decided.get("steps"));
    assertThat(train("both", "--minutes=1").err()).contains("--steps and --minutes both say");
    CommandRun cosine =
        CommandRun.train(text, folder.resolve("no"), "--minutes=1", "--schedule=cosine");
    assertThat(cosine.err()).contains("take --schedule wsd");
  }

  /** What a family does not have is no matter of size, and is said before the text is read. */
  @ParameterizedTest
  @CsvSource({
    "--family=gpt2 --kv-heads=1, leave --kv-heads",
    "--family=gpt2 --rope-theta=10000, and --rope-theta at 0",
    "--family=llama --biases=true, set --biases to false",
    "--family=llama --biases=false --head-size=7, take another --head-size",
    "--family=gpt_neox --head-size=6, leave --kv-heads and --head-size at 0",
    "--family=gpt_neox --biases=false, set --biases to true"
  })
  void whatAFamilyDoesNotHaveIsRefusedByItsOption(String options, String message) {
    CommandRun run = train("run", options.split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("lanewise train: ", message).doesNotContain("too much", "\tat ");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  private CommandRun train(String run, String... more) {
    return train(text, run, more);
  }

  private CommandRun train(Path data, String run, String... more) {
    List<String> options = new ArrayList<>(List.of("--layers=2", "--batch=4", "--steps=8"));
    options.addAll(List.of("--lr=1e-2", "--evaluate-every=4", "--checkpoint-every=4"));
    options.addAll(List.of("--sample-tokens=12", "--threads=2"));
    options.addAll(List.of(more));
    return CommandRun.train(data, folder.resolve(run), options.toArray(String[]::new));
  }

  private List<JsonNode> metrics(String run) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl"))) {
      lines.add(json.readTree(line));
    }
    return lines;
  }

  /** What does not depend on the clock. */
  private List<String> results(String run) throws IOException {
    return metrics(run).stream()
        .map(
            line ->
                Stream.of("type", "step", "loss", "lr", "grad_norm", "val_loss")
                    .map(name -> line.path(name).toString())
                    .reduce("", (a, b) -> a + " " + b))
        .toList();
  }

  @Test
  void trainsGeneratesAndEvaluates() throws IOException {
    CommandRun training = train("run", "--seed=5");
    Path run = folder.resolve("run");

    training.requireSuccess();
    assertThat(training.out())
        .contains(
            "Training on " + text,
            "parameters: 2 layers, 2 heads, width 16, context 16",
            "step 8/8: loss ",
            "step 8: validation loss ",
            "--- sample after 8 steps ---",
            "Done: 8 steps.",
            "./lanewise generate --model " + run);
    assertThat(run.resolve("report.html")).isNotEmptyFile();
    assertThat(results("run")).hasSize(12);
    assertThat(metrics("run").getFirst().get("loss").doubleValue()).isBetween(2.0, 4.0);
    // The last line has that step's own loss, not a mean over the steps since the line before.
    double last =
        metrics("run").stream()
            .filter(line -> line.get("type").asText().equals("step"))
            .toList()
            .getLast()
            .get("loss")
            .doubleValue();
    assertThat(training.out()).contains(String.format(Locale.ROOT, "step 8/8: loss %.4f, ", last));
    assertThat(ConfigYaml.read(run.resolve("config.yaml")).value(ConfigKey.SEED)).contains(5L);

    String generate = "generate --model " + run + " --prompt the --max-tokens 20 --seed ";
    CommandRun once = CommandRun.line(generate + 3);
    once.requireSuccess();
    assertThat(once.out()).startsWith("the").hasSize(3 + 20 + System.lineSeparator().length());
    assertThat(once.err()).contains("checkpoint of step ");
    assertThat(CommandRun.line(generate + 3).out()).isEqualTo(once.out());
    assertThat(CommandRun.line(generate + 4).out()).isNotEqualTo(once.out());

    CommandRun unknown = CommandRun.line("generate --model " + run + " --prompt Z");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.out()).isEmpty();
    assertThat(unknown.err()).contains("'Z'");

    CommandRun eval = CommandRun.line("eval --model " + run + " --data " + text + " --threads 2");
    eval.requireSuccess();
    double loss = Double.parseDouble(eval.out().replaceAll("(?s)^loss=(\\S+).*", "$1"));
    double bits = Double.parseDouble(eval.out().replaceAll("(?s).*bits_per_byte=(\\S+).*", "$1"));
    long tokens = Files.size(text) - 1;
    assertThat(eval.out()).contains("tokens=" + tokens + " bytes=" + tokens);
    // One character is one byte here.
    assertThat(bits).isCloseTo(loss / Math.log(2), within(1e-5));
    assertThat(CommandRun.line("eval --kernels scalar --model " + run + " --data " + text).out())
        .isEqualTo(eval.out());
  }

  @Test
  void aResumedRunIsTheRunThatWasNeverStopped() throws IOException {
    train("whole").requireSuccess();
    train("parts").requireSuccess();
    Path parts = folder.resolve("parts");
    Files.move(parts.resolve("checkpoints/step-000008"), folder.resolve("lost"));
    CommandRun resumed = CommandRun.line("train --threads 1 --resume --out " + parts);

    resumed.requireSuccess();
    assertThat(resumed.out()).contains("resumed, 4 to 8", "Training on " + text);
    assertThat(results("parts")).isEqualTo(results("whole"));
    assertThat(parts.resolve("checkpoints/step-000008/model.safetensors"))
        .hasSameBinaryContentAs(folder.resolve("whole/checkpoints/step-000008/model.safetensors"));
  }

  @Test
  void aReportThatCannotBeWrittenCostsNothingElse() throws IOException {
    Files.createDirectories(folder.resolve("run/report.html/something"));
    Files.createFile(folder.resolve("run/run.lock"));
    CommandRun training = train("run", "--on-checkpoint-failure=stop");

    training.requireSuccess();
    assertThat(training.out()).contains("Done: 8 steps.");
    assertThat(training.err())
        .contains("warning: the report could not be written: ", "report.html")
        .doesNotContain("\tat ");
    assertThat(results("run")).hasSize(12);
    CommandRun longer = CommandRun.line("train --resume --steps 9 --out " + folder.resolve("run"));
    longer.requireSuccess();
  }

  @Test
  void aVocabularyThatTheTokenizerDoesNotTakeDoesNotMatter() throws IOException {
    train("none", "--vocabulary=0").requireSuccess();
    train("many", "--vocabulary=2000000000").requireSuccess();
    assertThat(results("none")).hasSize(12).isEqualTo(results("many"));
  }

  @Test
  void binaryFilesThatAreLeftOutAreTold() throws IOException {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    Files.copy(text, texts.resolve("a.txt"));
    Files.write(texts.resolve("b.png"), new byte[] {1, 0, 2});
    CommandRun training = train(texts, "run");

    training.requireSuccess();
    assertThat(training.err()).contains("warning: 1 binary file in " + texts + " was left out");
  }

  @Test
  void promptsComeFromFilesToo() throws IOException {
    train("run").requireSuccess();
    String generate = "generate --model " + folder.resolve("run") + " --max-tokens 5";
    Path prompt = Files.writeString(folder.resolve("prompt.txt"), "\ufeffthe\r\n");
    CommandRun fromFile = CommandRun.line(generate + " --prompt-file " + prompt);
    CommandRun ofFolder = CommandRun.line(generate + " --prompt-file " + folder);
    assertThat(ofFolder.exitCode()).isEqualTo(1);
    assertThat(ofFolder.err()).contains(folder + ": a folder");
    fromFile.requireSuccess();
    assertThat(fromFile.out()).startsWith("the\n");
    assertThat(fromFile.err()).doesNotContain("warning");
    InputStream before = System.in;
    try {
      System.setIn(Files.newInputStream(prompt));
      assertThat(CommandRun.line(generate + " --prompt-file -").out()).isEqualTo(fromFile.out());
    } finally {
      System.setIn(before);
    }
    assertThat(CommandRun.line(generate + " --prompt the --prompt-file " + prompt).exitCode())
        .isEqualTo(2);
    Files.writeString(prompt, "the ".repeat(100_000));
    assertThat(CommandRun.line(generate + " --prompt-file " + prompt).err())
        .contains("warning: the prompt has 400000 tokens");
  }

  @Test
  void textComesFromTheStandardInputToo() throws IOException {
    InputStream before = System.in;
    Path run = folder.resolve("run");
    try {
      System.setIn(Files.newInputStream(text));
      CommandRun training = train(Path.of("-"), "run");
      training.requireSuccess();
      System.setIn(Files.newInputStream(text));
      CommandRun eval = CommandRun.line("eval --data - --model " + run);
      assertThat(eval.out())
          .startsWith("loss=")
          .isEqualTo(CommandRun.line("eval --data " + text + " --model " + run).out());
    } finally {
      System.setIn(before);
    }
    CommandRun longer = CommandRun.line("train --resume --steps 9 --out " + run);
    longer.requireSuccess();
    assertThat(CommandRun.line("train --resume --data - --out " + run).exitCode()).isEqualTo(2);
  }

  @Test
  void whatCannotBeEvaluatedIsSaidInTheWordsOfTheCommand() throws IOException {
    Path run = folder.resolve("run");
    train("run").requireSuccess();
    Path other = Files.writeString(folder.resolve("other.txt"), "the\nthe ß\n");
    CommandRun unknown = CommandRun.line("eval --model " + run + " --data " + text + " " + other);
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err())
        .contains(other + ", line 2, column 5", "'ß'")
        .doesNotContain("position");
    CommandRun tooShort =
        CommandRun.line("eval --model " + run + " --data " + Files.writeString(other, "t"));
    assertThat(tooShort.exitCode()).isEqualTo(1);
    assertThat(tooShort.err()).contains("1 token,", "--data").doesNotContain("validation split");
  }

  @Test
  void aFolderThatHoldsARunIsNotTrainedInto() throws IOException {
    train("run").requireSuccess();
    List<String> before = results("run");
    CommandRun again = train("run", "--seed=9");

    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err()).contains("--resume", "--out").doesNotContain("\tat ");
    assertThat(results("run")).isEqualTo(before);
  }

  @Test
  void aResumedRunKeepsItsSettings() throws IOException {
    train("run").requireSuccess();
    Path run = folder.resolve("run");
    CommandRun other = CommandRun.line("train --resume --heads 4 --out " + run);
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("other settings").doesNotContain("\tat ");

    CommandRun longer = CommandRun.line("train --resume --steps 10 --out " + run);
    longer.requireSuccess();
    assertThat(longer.err()).contains("begun with 8 steps");
    assertThat(longer.out()).contains("Done: 10 steps.");
    assertThat(results("run")).hasSize(16);
  }

  @Test
  void optionsWinOverTheFileAndTheFileOverThePreset() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "clip: 0.5\nseed: 42\n");
    CommandRun run = train("run", "--preset=shakespeare-char", "--seed=43", "--config=" + file);

    run.requireSuccess();
    var written = ConfigYaml.read(folder.resolve("run/config.yaml")).toSettings();
    assertThat(written.step().seed()).isEqualTo(43);
    assertThat(written.optimizer().clip()).isEqualTo(0.5);
    assertThat(written.optimizer().beta2()).isEqualTo(0.99);
    assertThat(written.schedule().warmup()).as("short, like the run").isZero();
    assertThat(run.err()).contains("--warmup is 0 instead of 100");
  }

  @Test
  void aWrongFileIsNamedWithItsLine() throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), "clip: 0.5\nn_head: 42\n");
    CommandRun run = train("run", "--config=" + file);

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("my.yaml:2: unknown key \"n_head\"; did you mean \"heads\"?");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void benchPrintsOneLine() {
    CommandRun run =
        CommandRun.line(
            "bench --preset shakespeare-char --threads 2 --steps 3 --warm-up 0 --layers 1"
                + " --d-model 16 --d-ff 32 --batch 2");

    run.requireSuccess();
    assertThat(run.out())
        .matches(
            "preset=shakespeare-char threads=2 shards=2 ms_per_step=[\\d.]+ tokens_per_s=[\\d.]+"
                + " gflops=[\\d.]+ peak_fraction=[\\d.]+\\R");
  }

  @Test
  void benchTakesAnAdapterWithoutAModel() {
    CommandRun run =
        CommandRun.line(
            "bench --preset llama-tiny --vocabulary 300 --threads 1 --steps 3 --warm-up 0 --layers 1"
                + " --lora-rank 2 --lora-targets q_proj,down_proj --batch 1 --context 16");

    run.requireSuccess();
    assertThat(run.out()).startsWith("preset=llama-tiny threads=1");
  }

  /** The preset has a sampled softmax, which trains what an adapter leaves as it is. */
  @Test
  void benchTakesAnAdapterWithTheDefaultPresetToo() {
    String line =
        "bench --threads 1 --steps 2 --warm-up 0 --layers 1 --d-model 16 --heads 2 --d-ff 32"
            + " --batch 1 --context 16 --ngrams= ";
    assertThat(CommandRun.line(line + "--lora-rank 2").requireSuccess().err())
        .doesNotContain("sampled");
    assertThat(CommandRun.line(line).requireSuccess().err()).contains("with a sampled softmax");
    CommandRun both = CommandRun.line(line + "--lora-rank 2 --sampled-softmax 9");
    assertThat(both.exitCode()).isEqualTo(2);
    assertThat(both.err()).contains("--sampled-softmax 9 trains the output projection");
  }
}
