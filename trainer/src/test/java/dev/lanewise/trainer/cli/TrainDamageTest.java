package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    text = Files.writeString(folder.resolve("text.txt"), "to be or not to be, \n".repeat(100));
    run = folder.resolve("run");
    CommandRun whole =
        CommandRun.line(
            "train --data %s --out %s --tokenizer char --layers 1 --d-model 16 --heads 2 --d-ff 32"
                    .formatted(text, run)
                + " --context 16 --batch 2 --sample-tokens 0 --steps 6 --checkpoint-every 2"
                + " --evaluate-every 6 --keep 3 --threads 1");
    assertThat(whole.exitCode()).as(whole.err()).isZero();
    expected = Files.readAllBytes(checkpoint(6).resolve(WEIGHTS));
  }

  private Path checkpoint(int step) {
    return run.resolve("checkpoints/step-00000" + step);
  }

  private CommandRun resume(String more) {
    return CommandRun.line("train --resume --threads 1 --out " + run + more);
  }

  private static void flipABit(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 4;
    Files.write(file, bytes);
  }

  @Test
  void aDamagedNewestCheckpointIsNamedAndTheOneBeforeItUsed() throws IOException {
    flipABit(checkpoint(6).resolve(WEIGHTS));
    CommandRun resumed = resume("");

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err())
        .contains(
            "warning", "damaged", "the one before it is used", checkpoint(6).toString(), WEIGHTS);
    assertThat(resumed.out()).contains("resumed, 4 to 6");
    assertThat(checkpoint(6).resolve(WEIGHTS)).hasBinaryContent(expected);
    assertThat(Files.readString(run.resolve("metrics.jsonl")).lines()).hasSize(7);
  }

  @Test
  void twoDamagedOnesAreNamed() throws IOException {
    Files.delete(checkpoint(6).resolve("trainer.json"));
    flipABit(checkpoint(4).resolve("optimizer.safetensors"));
    CommandRun resumed = resume("");

    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err())
        .contains(
            checkpoint(6).toString(), checkpoint(4).toString(), "trainer.json", "optimizer.s");
    assertThat(resumed.out()).contains("resumed, 2 to 6");
    assertThat(checkpoint(6).resolve(WEIGHTS)).hasBinaryContent(expected);
  }

  @Test
  void whenAllAreDamagedNothingIsBegunAnew() throws IOException {
    for (int step = 2; step <= 6; step += 2) {
      flipABit(checkpoint(step).resolve(WEIGHTS));
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
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
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
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.out()).contains("Training on " + text, "resumed, 6 to 7");
  }

  @Test
  void aTextThatIsGoneIsNotNeededWhileItsCorpusIsWhole() throws IOException {
    Files.delete(text);
    CommandRun resumed = resume(" --steps 7");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("the text of the run is gone", text.toString(), "data");
    assertThat(resumed.out()).contains("resumed, 6 to 7");
    Files.delete(run.resolve("text.json"));
    assertThat(resume(" --steps 8").exitCode()).isZero();
    flipABit(run.resolve("data/training.tokens"));
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
    flipABit(run.resolve("data/training.tokens"));
    CommandRun resumed = resume(" --steps 7");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.out()).contains("resumed, 6 to 7");
  }
}
