package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code train --resume} makes of a run folder in which something is broken or missing. */
class TrainDamageTest {

  private static final String WEIGHTS = "model.safetensors";

  @TempDir private Path folder;
  private Path text;
  private Path run;
  private byte[] expected;

  @BeforeEach
  void train() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), Texts.LINES);
    run = folder.resolve("run");
    CommandRun.train(
            text, run, "--steps=6", "--checkpoint-every=2", "--evaluate-every=6", "--keep=3")
        .requireSuccess();
    expected = Files.readAllBytes(checkpoint(6).resolve(WEIGHTS));
  }

  private Path checkpoint(int step) {
    return run.resolve("checkpoints/step-00000" + step);
  }

  private CommandRun resume(String more) {
    return CommandRun.line("train --resume --threads 1 --out " + run + more);
  }

  @Test
  void aDamagedNewestCheckpointIsNamedAndTheOneBeforeItUsed() throws IOException {
    EditedFile.flipABit(checkpoint(6).resolve(WEIGHTS));
    CommandRun resumed = resume("");

    resumed.requireSuccess();
    assertThat(resumed.err())
        .contains(
            "warning", "damaged", "the one before it is used", checkpoint(6).toString(), WEIGHTS);
    assertThat(resumed.out()).contains("resumed, 4 to 6");
    assertThat(checkpoint(6).resolve(WEIGHTS)).hasBinaryContent(expected);
    assertThat(Files.readString(run.resolve("metrics.jsonl")).lines()).hasSize(7);
  }

  @Test
  void aDamagedModelIsNotGeneratedWith() throws IOException {
    String line = "generate --threads 1 --max-tokens 8 --model ";
    CommandRun before = CommandRun.line(line + checkpoint(4)).requireSuccess();
    EditedFile.flipABit(checkpoint(6).resolve(WEIGHTS));
    CommandRun named = CommandRun.line(line + checkpoint(6));
    assertThat(named.exitCode()).isEqualTo(1);
    assertThat(named.out()).isEmpty();
    assertThat(named.err()).contains("damaged", checkpoint(6).resolve(WEIGHTS).toString());
    CommandRun ofRun = CommandRun.line(line + run).requireSuccess();
    assertThat(ofRun.out()).isEqualTo(before.out());
  }

  /** Only a checkpoint of a run has others to try. */
  @Test
  void aDamagedModelThatIsNoCheckpointIsTriedOnce() throws IOException {
    Path model = HuggingFaceModels.copy("qwen3", folder.resolve("model"));
    Path weights = model.resolve(WEIGHTS);
    byte[] whole = Files.readAllBytes(weights);
    Files.write(weights, Arrays.copyOf(whole, whole.length / 2));
    CommandRun run = CommandRun.line("generate --json --prompt a --model " + model);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains(weights.toString());
    assertThat(run.out().lines().filter(line -> line.contains("\"type\":\"model\""))).hasSize(1);
  }

  @Test
  void twoDamagedOnesAreNamed() throws IOException {
    Files.delete(checkpoint(6).resolve("trainer.json"));
    EditedFile.flipABit(checkpoint(4).resolve("optimizer.state"));
    CommandRun resumed = resume("");

    resumed.requireSuccess();
    assertThat(resumed.err())
        .contains(
            checkpoint(6).toString(), checkpoint(4).toString(), "trainer.json", "optimizer.s");
    assertThat(resumed.out()).contains("resumed, 2 to 6");
    assertThat(checkpoint(6).resolve(WEIGHTS)).hasBinaryContent(expected);
  }

  @Test
  void whenAllAreDamagedNothingIsBegunAnew() throws IOException {
    for (int step = 2; step <= 6; step += 2) {
      EditedFile.flipABit(checkpoint(step).resolve(WEIGHTS));
    }
    CommandRun resumed = resume("");
    assertThat(resumed.exitCode()).isEqualTo(1);
    assertThat(resumed.err()).contains("no checkpoint in " + run, "can be used");
    assertThat(checkpoint(6)).isDirectory();
    assertThat(Files.readString(run.resolve("metrics.jsonl")).lines()).hasSize(7);
  }

  @Test
  void withoutItsConfigTheRunGoesOnWithTheSettingsOfItsCheckpoint() throws IOException {
    Files.delete(run.resolve("config.yaml"));
    CommandRun resumed = resume(" --steps 7");
    resumed.requireSuccess();
    assertThat(resumed.err()).contains("config.yaml is missing", checkpoint(6).toString());
    assertThat(resumed.out()).contains("resumed, 6 to 7", "width 16");
  }

  @Test
  void aFolderWithoutARunIsNotResumed() {
    CommandRun resumed = CommandRun.line("train --resume --out " + folder.resolve("nothing"));
    assertThat(resumed.exitCode()).isEqualTo(2);
    assertThat(resumed.err()).contains("no run to resume", "without --resume");
    assertThat(folder.resolve("nothing")).doesNotExist();
  }

  @Test
  void otherTextIsRefusedAndForgotten() throws IOException {
    Path other = Files.writeString(folder.resolve("other.txt"), "be not or to\n".repeat(100));
    CommandRun refused = resume(" --data " + other);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("the text is not the one", "--data");

    CommandRun resumed = resume(" --steps 7");
    resumed.requireSuccess();
    assertThat(resumed.out()).contains("Training on " + text, "resumed, 6 to 7");
  }

  @Test
  void aTextThatIsGoneIsNotNeededWhileItsCorpusIsWhole() throws IOException {
    Files.delete(text);
    CommandRun resumed = resume(" --steps 7");
    resumed.requireSuccess();
    assertThat(resumed.err()).contains("the text of the run is gone", text.toString(), "data");
    assertThat(resumed.out()).contains("resumed, 6 to 7");
    Files.delete(run.resolve("text.json"));
    resume(" --steps 8").requireSuccess();
    EditedFile.flipABit(run.resolve("data/training.tokens"));
    CommandRun refused = resume(" --steps 9");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("is damaged", "--data");
  }

  @Test
  void aRunThatDoesNotSayItsTextIsNotResumed() throws IOException {
    Path copy = Files.createDirectory(folder.resolve("copy"));
    Files.copy(run.resolve("config.yaml"), copy.resolve("config.yaml"));
    CommandRun refused = CommandRun.line("train --resume --out " + copy);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains(copy.toString(), "--out");
    Files.writeString(copy.resolve("run.lock"), "");
    refused = CommandRun.line("train --resume --out " + copy);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("what text", "--data");
  }

  @Test
  void fewerStepsThanWereTakenAreRefusedAndChangeNothing() throws IOException {
    String before = Files.readString(run.resolve("config.yaml"));
    String metrics = Files.readString(run.resolve("metrics.jsonl"));
    for (String wrong : new String[] {" --steps 5", " --lr 0.5"}) {
      CommandRun refused = resume(wrong);
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(wrong.contains("steps") ? 2 : 1);
      assertThat(refused.err()).contains(wrong.strip().substring(0, wrong.strip().indexOf(' ')));
      assertThat(run.resolve("config.yaml")).hasContent(before);
      assertThat(run.resolve("metrics.jsonl")).hasContent(metrics);
    }
  }

  @Test
  void damagedTokensAreMadeAnew() throws IOException {
    EditedFile.flipABit(run.resolve("data/training.tokens"));
    CommandRun resumed = resume(" --steps 7");
    resumed.requireSuccess();
    assertThat(resumed.out()).contains("resumed, 6 to 7");
  }
}
