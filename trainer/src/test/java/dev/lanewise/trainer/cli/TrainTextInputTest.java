package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What users call text: the error names the file and what is wrong, or the run just works. */
class TrainTextInputTest {

  @TempDir private Path folder;

  private CommandRun train(Path data, String run) {
    return CommandRun.train(data, folder.resolve(run), "--steps=2", "--sample-tokens=4");
  }

  private void requireRefused(Path data, String... messages) {
    CommandRun run = train(data, "run");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(messages).doesNotContain("\tat ", "bug");
    assertThat(run.err().lines()).hasSizeLessThan(5);
    assertThat(folder.resolve("run/checkpoints/step-000002")).doesNotExist();
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private Path write(String name, String text) throws IOException {
    return write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private byte[] model(String run) throws IOException {
    return Files.readAllBytes(
        folder.resolve(run).resolve("checkpoints/step-000002/model.safetensors"));
  }

  @Test
  void aFolderWithRunsInItIsTextWithoutThem() throws IOException {
    write("a.txt", Texts.LINES);
    train(folder, "runs/one").requireSuccess();
    CommandRun second = train(folder, "runs/two");
    second.requireSuccess();
    assertThat(second.err()).containsOnlyOnce("1 run folder in " + folder + " was left out");
    assertThat(model("runs/two")).isEqualTo(model("runs/one"));
    CommandRun resumed =
        CommandRun.of("train", "--resume", "--out", folder.resolve("runs/one").toString());
    resumed.requireSuccess();
    assertThat(folder.resolve("runs/one/data/corpus.txt")).exists();
  }

  @Test
  void badFilesAreNamedTogetherAndLeftOutWhenAsked() throws IOException {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    Files.writeString(texts.resolve("a.txt"), Texts.LINES);
    Files.write(texts.resolve("b.txt"), new byte[] {'a', (byte) 0xE9, 'b'});
    Files.write(texts.resolve("c.txt"), new byte[] {(byte) 0xE9});
    requireRefused(texts, "b.txt: not valid UTF-8", "c.txt: not valid UTF-8", "--skip-bad");
    CommandRun skipped =
        CommandRun.of(
            "eval", "--skip-bad", "--verbose", "--model", "nowhere", "--data", texts.toString());
    assertThat(skipped.err()).contains("2 bad files in " + texts + " were left out");
  }

  /** Half of a text may be on a disk that is not mounted. */
  @Test
  void brokenLinksAreTold() throws IOException {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    Files.writeString(texts.resolve("a.txt"), Texts.LINES);
    Files.createSymbolicLink(texts.resolve("b.txt"), folder.resolve("gone"));
    CommandRun run = CommandRun.of("eval", "--model", "nowhere", "--data", texts.toString());
    assertThat(run.err())
        .contains("1 broken link in " + texts + " was left out; there is nothing behind it");
  }

  @Test
  void anEmptyFile() throws IOException {
    requireRefused(write("empty.txt", ""), "empty.txt", "there is no text in it");
  }

  @Test
  void aFolderWithoutText() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("nothing"));
    requireRefused(empty, "nothing", "no text file found");
  }

  @Test
  void aFileThatIsNotThere() {
    requireRefused(folder.resolve("absent.txt"), "absent.txt", "no such file");
  }

  @Test
  void lessThanOneWindow() throws IOException {
    requireRefused(
        write("short.txt", "abcdefgh"), "one window of context 16", "--context", "--data");
  }

  @Test
  void fewerSequencesThanAStepTakes() throws IOException {
    CommandRun run = train(write("few.txt", "abcdefgh".repeat(10)), "few");
    run.requireSuccess();
    assertThat(run.err()).doesNotContain("come twice");

    CommandRun fewer = train(write("fewer.txt", "abcdefgh".repeat(4)), "fewer");
    fewer.requireSuccess();
    assertThat(fewer.err()).contains("warning", "--context 16", "--batch 2", "come twice");
  }

  @Test
  void aPromptOfOtherLettersThanTheTextCostsOnlyTheSamples() throws IOException {
    CommandRun run = train(write("oneLine.txt", "abcdefgh".repeat(50)), "oneLine");
    run.requireSuccess();
    assertThat(run.err()).contains("warning", "no samples", "--prompt");
    assertThat(run.out()).doesNotContain("--- sample").contains("Done: 2 steps.");
  }

  /** A model sees prompts as it sees text, and so they are shown and kept. */
  @Test
  void theSampleBeginsWithThePromptAsTheModelSeesIt() throws IOException {
    Path run = folder.resolve("run");
    CommandRun trained =
        CommandRun.train(
            write("text.txt", "the other hat\n".repeat(60)),
            run,
            "--steps=1",
            "--sample-tokens=2",
            "--prompt=\ufeffthe\r\nthe");
    assertThat(trained.requireSuccess().out()).contains("---%nthe\nthe".formatted());
    assertThat(Files.readString(run.resolve("metrics.jsonl"))).contains("\"prompt\":\"the\\nthe\"");
  }

  @Test
  void binary() throws IOException {
    byte[] bytes = new byte[5000];
    new Random(1).nextBytes(bytes);
    requireRefused(write("program.bin", bytes), "program.bin", "binary");
  }

  @Test
  void malformedUtf8() throws IOException {
    byte[] bytes = Texts.LINES.getBytes(StandardCharsets.ISO_8859_1);
    bytes[777] = (byte) 0xE9;
    requireRefused(write("latin1.txt", bytes), "latin1.txt", "777", "UTF-8");
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links take a privilege there")
  void aLinkThatLeadsToItself() throws IOException {
    Path loop = folder.resolve("loop.txt");
    Files.createSymbolicLink(loop, loop);
    requireRefused(loop, "loop.txt");
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "links take a privilege there")
  void aFolderInWhichLinksGoRoundIsReadOnce() throws IOException {
    Path texts = Files.createDirectory(folder.resolve("texts"));
    Files.writeString(texts.resolve("a.txt"), Texts.LINES);
    Files.createSymbolicLink(texts.resolve("self"), texts);
    Files.createSymbolicLink(texts.resolve("again.txt"), texts.resolve("a.txt"));
    Files.createSymbolicLink(texts.resolve("dead"), folder.resolve("absent"));
    CommandRun links = train(texts, "links");
    CommandRun plain = train(texts.resolve("a.txt"), "plain");

    links.requireSuccess();
    plain.requireSuccess();
    assertThat(model("links")).isEqualTo(model("plain"));
  }

  @Test
  void aPathOfSpacesAndOtherLetters() throws IOException {
    Path texts = Files.createDirectory(folder.resolve("my texts ünd дальше"));
    Path file = Files.writeString(texts.resolve("été 1.txt"), Texts.LINES);
    CommandRun run = train(file, "läuft gut");
    run.requireSuccess();
    assertThat(run.out())
        .contains("--model '" + folder.resolve("läuft gut") + "'", "Training on " + file);

    CommandRun resumed =
        CommandRun.of("train", "--resume", "--out", folder.resolve("läuft gut").toString());
    resumed.requireSuccess();
  }

  @Test
  void theLineEndsOfWindows() throws IOException {
    train(write("unix.txt", Texts.LINES), "unix").requireSuccess();
    String dos = "\uFEFF" + Texts.LINES.replace("\n", "\r\n");
    train(write("dos.txt", dos), "dos").requireSuccess();
    assertThat(model("dos")).isEqualTo(model("unix"));
  }
}
