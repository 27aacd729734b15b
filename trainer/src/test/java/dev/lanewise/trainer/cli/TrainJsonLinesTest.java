package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --data chats.jsonl}, and what goes with it. */
class TrainJsonLinesTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path model;
  private Path data;

  @BeforeEach
  void writeChats() throws IOException {
    model = HuggingFaceModels.copy("qwen3", folder.resolve("model"));
    data = Files.createDirectories(folder.resolve("chats"));
    StringBuilder chats = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      chats.append(
          """
          {"messages": [{"role": "user", "content": "What is %d + 2?"}, {"role": "assistant", "content": "%d"}]}
          """
              .formatted(i, i + 2));
    }
    Files.writeString(data.resolve("a.jsonl"), chats);
    try (OutputStream packed =
        new GZIPOutputStream(Files.newOutputStream(data.resolve("b.jsonl.gz")))) {
      packed.write(
          """
          {"prompt": "2+2=", "completion": "4"}
          {"text": "all of this counts"}
          """
              .getBytes(StandardCharsets.UTF_8));
    }
  }

  private CommandRun train(Path run, String... more) {
    List<String> options = new ArrayList<>(List.of(more));
    for (String each : List.of("--context=48", "--steps=6", "--warmup=1", "--evaluate-every=3")) {
      String name = each.replaceFirst("=.*", "=");
      if (options.stream().noneMatch(option -> option.startsWith(name))) {
        options.add(each);
      }
    }
    return CommandRun.trainFrom(model, data, run, options.toArray(String[]::new));
  }

  private static List<JsonNode> evaluations(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
        .map(TrainJsonLinesTest::json)
        .filter(line -> line.get("type").asText().equals("evaluation"))
        .toList();
  }

  private static JsonNode json(String line) {
    try {
      return JSON.readTree(line);
    } catch (IOException e) {
      throw new AssertionError(line, e);
    }
  }

  @Test
  void trainsOnFilesOfAFolderAndSaysWhatTheyCameTo() throws IOException {
    Path run = folder.resolve("run");
    CommandRun trained = train(run).requireSuccess();
    assertThat(trained.out())
        .containsPattern(
            "data     documents=22 parts=22 tokens=\\d+ counted=\\d+ .* cut_parts=0 .*template=chat_template.jinja");
    assertThat(evaluations(run)).hasSize(3);
    // The conversations that are learned are those of a tenth fewer.
    assertThat(Files.readString(run.resolve("data/corpus.txt"))).contains("documents=22 ");
  }

  @Test
  void goesOnWithWhatItWasBegunWith() throws IOException {
    Path validation = folder.resolve("validation.jsonl");
    Files.writeString(validation, "{\"prompt\": \"3+3=\", \"completion\": \"6\"}\n");
    Path run = folder.resolve("run");
    train(run, "--validation=" + validation, "--steps=3").requireSuccess();
    CommandRun resumed =
        CommandRun.of("train", "--resume", "--out=" + run, "--steps=6", "--threads=2");
    resumed.requireSuccess();
    assertThat(resumed.out()).contains("documents=23 ", validation + " to validate");
    Path whole = folder.resolve("whole");
    train(whole, "--validation=" + validation).requireSuccess();
    assertThat(evaluations(run)).isNotEmpty();
    assertThat(evaluations(run).getFirst()).isEqualTo(evaluations(whole).getFirst());

    double best = Double.MAX_VALUE;
    for (JsonNode evaluation : evaluations(run)) {
      best = Math.min(best, evaluation.get("val_loss").asDouble());
    }
    JsonNode measured =
        json(
            CommandRun.of(
                    "eval",
                    "--json",
                    "--quiet",
                    "--model=" + run,
                    "--data=" + validation,
                    "--threads=2")
                .requireSuccess()
                .out());
    assertThat(measured.get("loss").asDouble()).isEqualTo(best);
    assertThat(measured.get("tokens").asInt()).isEqualTo(2);
    assertThat(measured.get("bytes").asInt()).isEqualTo(1);
  }

  /** The chat template of an adapter's run is found again: nothing is encoded anew. */
  @Test
  void anAdapterGoesOnToo() throws IOException {
    Path run = folder.resolve("run");
    train(run, "--lora-rank=2", "--steps=3").requireSuccess();
    byte[] label = Files.readAllBytes(run.resolve("data/corpus.txt"));
    CommandRun.of("train", "--resume", "--out=" + run, "--steps=6", "--threads=1").requireSuccess();
    assertThat(run.resolve("data/corpus.txt")).hasBinaryContent(label);
    assertThat(evaluations(run)).isNotEmpty();
  }

  /** What validated is gone too: the run has both. */
  @Test
  void goesOnWithoutItsFiles() throws IOException {
    Path validation = folder.resolve("validation.jsonl");
    Files.writeString(validation, "{\"prompt\": \"3+3=\", \"completion\": \"6\"}\n");
    Path run = folder.resolve("run");
    train(run, "--validation=" + validation, "--steps=3").requireSuccess();
    Files.delete(validation);
    CommandRun resumed = CommandRun.of("train", "--resume", "--out=" + run, "--steps=4");
    resumed.requireSuccess();
    assertThat(resumed.out() + resumed.err())
        .contains(validation + " is not there; it goes on from the corpus in");
  }

  /** With one window to a step an epoch has as many steps as windows: all rows once. */
  @Test
  void aDryRunSaysWhatARunTakesAndKeepsNothing() throws IOException {
    Path run = folder.resolve("run");
    String[] epoch = {
      "--epochs=1", "--batch=1", "--accumulation=1", "--warmup=0", "--context=48", "--json"
    };
    List<String> more = new ArrayList<>(List.of(epoch));
    more.add("--dry-run");
    CommandRun dry =
        CommandRun.trainFrom(model, data, run, more.toArray(String[]::new)).requireSuccess();
    JsonNode said = json(dry.out().lines().toList().getLast());
    assertThat(run).doesNotExist();
    assertThat(said.get("dry_run").asBoolean()).isTrue();
    assertThat(said.get("seconds").asDouble())
        .isCloseTo(
            said.get("steps").asInt() * said.get("step_seconds").asDouble()
                + said.get("evaluations").asInt() * said.get("evaluation_seconds").asDouble()
                + said.get("once_seconds").asDouble(),
            within(1e-9));

    CommandRun.trainFrom(model, data, run, epoch).requireSuccess();
    long tokens = 0;
    int steps = 0;
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonNode node = json(line);
      if (node.get("type").asText().equals("step")) {
        steps++;
        tokens += node.get("tokens").asLong();
      }
    }
    assertThat(said.get("steps").asInt()).isEqualTo(steps);
    assertThat(said.get("tokens").asLong()).isEqualTo(tokens);
    assertThat(said.get("evaluations").asInt()).isEqualTo(evaluations(run).size());
  }

  @Test
  void bothKindsTogetherAreRefused() throws IOException {
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "words ".repeat(100));
    CommandRun mixed = CommandRun.trainFrom(model, data, folder.resolve("run"), "--data=" + text);
    assertThat(mixed.exitCode()).isNotZero();
    assertThat(mixed.err()).contains("this is JSON Lines, and " + text + " is text");
    CommandRun validating =
        CommandRun.trainFrom(model, text, folder.resolve("run"), "--validation=" + data);
    assertThat(validating.err()).contains("--validation goes with JSON Lines");
  }

  /** A folder of other files too is text, as it was before there was anything else. */
  @Test
  void aFolderOfSourcesStaysText() throws IOException {
    Files.delete(data.resolve("b.jsonl.gz"));
    Files.writeString(data.resolve("README.md"), "What is in it.\n".repeat(50));
    CommandRun trained = train(folder.resolve("run")).requireSuccess();
    assertThat(trained.out()).doesNotContain("documents=");
  }

  @Test
  void whatTheTemplateCannotWriteIsNamed() throws IOException {
    Path bad = data.resolve("c.jsonl");
    Files.writeString(bad, "{\"text\": \"fine\"}\n{\"messages\": [{\"content\": \"x\"}]}\n");
    CommandRun refused = train(folder.resolve("run"));
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.err()).contains(bad + ": line 2, messages[0]");
    CommandRun skipping = train(folder.resolve("skipping"), "--skip-bad").requireSuccess();
    assertThat(skipping.out() + skipping.err())
        .contains("1 bad document was left out", "documents=23 ");
  }
}
