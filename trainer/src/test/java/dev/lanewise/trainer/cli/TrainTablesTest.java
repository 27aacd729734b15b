package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The preset with tables, shrunk, through the commands. */
class TrainTablesTest {

  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), Texts.LINES);
  }

  private CommandRun train(Path run, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--preset=shakespeare-fast",
                "--layers=2",
                "--steps=30",
                "--evaluate-every=10",
                "--sample-tokens=0"));
    arguments.addAll(Arrays.asList(more));
    return CommandRun.train(text, run, arguments.toArray(String[]::new));
  }

  private static Path last(Path run) {
    return run.resolve("checkpoints/step-000030");
  }

  @Test
  void aRunIsMeasuredGeneratesAndIsExported() throws IOException {
    Path run = folder.resolve("run");
    train(run).requireSuccess();
    CommandRun eval = CommandRun.of("eval", "--model", run.toString(), "--data", text.toString());
    eval.requireSuccess();
    assertThat(eval.out()).contains("tokens=1899");
    CommandRun generated =
        CommandRun.of(
            "generate",
            "--model",
            run.toString(),
            "--prompt",
            "to be",
            "--max-tokens",
            "40",
            "--temperature",
            "0");
    generated.requireSuccess();
    assertThat(generated.out()).contains("to be or not to be or not");

    Path gguf = folder.resolve("x.gguf");
    CommandRun refused =
        CommandRun.of(
            "export", "--model", run.toString(), "--to", "gguf", "--out", gguf.toString());
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.err())
        .contains("a lanewise model cannot be written as GGUF")
        .doesNotContain("\tat ");
    assertThat(gguf).doesNotExist();

    Path hf = folder.resolve("hf");
    CommandRun exported =
        CommandRun.of("export", "--model", run.toString(), "--to", "hf", "--out", hf.toString());
    exported.requireSuccess();
    assertThat(exported.err() + exported.out()).contains("transformers has no lanewise models");
    assertThat(Files.readString(hf.resolve("config.json")))
        .contains(
            "\"model_type\" : \"lanewise\"", "\"ngram_rows\" : \"2:4290,3:65536,4:65536,5:65536\"");
    CommandRun again =
        CommandRun.of("eval", "--model", hf.toString(), "--data", text.toString()).requireSuccess();
    assertThat(again.out().replace(hf.toString(), "")).contains("tokens=1899");
    try (SafetensorsFile file = SafetensorsFile.open(hf.resolve("model.safetensors"))) {
      assertThat(file.names()).contains("ngrams.2.weight", "ngrams.3.weight", "ngrams.4.weight");
    }
  }

  @Test
  void aRunIsTheBeginningOfAnother() throws IOException {
    Path run = folder.resolve("run");
    train(run).requireSuccess();
    Path further = folder.resolve("further");
    CommandRun.trainFrom(run, text, further, "--steps=30", "--lr=1e-3", "--evaluate-every=10")
        .requireSuccess();
    try (SafetensorsFile before = SafetensorsFile.open(last(run).resolve("model.safetensors"));
        SafetensorsFile after = SafetensorsFile.open(last(further).resolve("model.safetensors"))) {
      assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
    }
    assertThat(Files.readString(last(further).resolve("config.json")))
        .contains("\"ngram_rows\" : \"2:4290,3:65536,4:65536,5:65536\"");

    Path parts = folder.resolve("parts");
    CommandRun.trainFrom(
            run, text, parts, "--steps=30", "--lr=1e-3", "--evaluate-every=7", "--threads=3")
        .requireSuccess();
    for (String file : List.of("model.safetensors", "optimizer.state")) {
      assertThat(last(parts).resolve(file)).hasSameBinaryContentAs(last(further).resolve(file));
    }
  }

  @Test
  void anotherFamilyHasNoTables() {
    CommandRun run = CommandRun.train(text, folder.resolve("run"), "--steps=2", "--ngrams=2:100");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "lanewise train: a gpt2 has no tables of n-grams", "--ngrams", "--family lanewise")
        .doesNotContain("\tat ");
    CommandRun llama = train(folder.resolve("run"), "--family=llama", "--ngrams=2:100");
    assertThat(llama.exitCode()).isEqualTo(2);
    assertThat(llama.err()).contains("a llama has no tables of n-grams").doesNotContain("\tat ");
  }

  @Test
  void whatIsNoTableIsRefusedByItsOption() {
    CommandRun run = train(folder.resolve("run"), "--ngrams=2");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains("--ngrams", "\"2\" is no table; write tokens:rows, such as 2:65536")
        .doesNotContain("\tat ");
    CommandRun biases = train(folder.resolve("run"), "--biases=true");
    assertThat(biases.exitCode()).isNotZero();
    assertThat(biases.err()).contains("--biases").doesNotContain("\tat ");
    CommandRun tied = train(folder.resolve("run"), "--tied-head=true");
    assertThat(tied.exitCode()).isNotZero();
    assertThat(tied.err()).contains("--tied-head").doesNotContain("\tat ");
    CommandRun betas = train(folder.resolve("run"), "--beta1=0.99", "--beta2=0.9");
    assertThat(betas.exitCode()).isNotZero();
    assertThat(betas.err()).contains("--beta1 0.99").doesNotContain("\tat ", "bug");
    assertThat(folder.resolve("run")).doesNotExist();
  }
}
