package dev.lanewise.trainer.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.fixture.EditedFile;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.fixture.LoggedWarnings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code train --from}: a run that begins with the weights of a model. */
class TrainFromTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void writeText() throws IOException {
    text = folder.resolve("text.txt");
    Files.writeString(text, "The cat sat on the mat, and the dog lay by the door.\n".repeat(60));
  }

  static List<String> models() {
    return HuggingFaceModels.NAMES;
  }

  private Path model(String name) throws IOException {
    return HuggingFaceModels.copy(name, folder.resolve("models").resolve(name));
  }

  private CommandRun train(Path from, Path run, String... more) {
    return CommandRun.trainFrom(from, text, run, more);
  }

  private static List<JsonNode> evaluations(Path run) throws IOException {
    List<JsonNode> evaluations = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      JsonNode node = JSON.readTree(line);
      if (node.get("type").asText().equals("evaluation")) {
        evaluations.add(node);
      }
    }
    return evaluations;
  }

  private static Path checkpoint(Path run, int step) {
    return run.resolve("checkpoints/step-%06d".formatted(step));
  }

  private static void requireSameCheckpoint(Path one, Path other, int step) throws IOException {
    for (String file : List.of("model.safetensors", "optimizer.state")) {
      assertThat(checkpoint(one, step).resolve(file))
          .as(file)
          .hasSameBinaryContentAs(checkpoint(other, step).resolve(file));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aModelLearnsTheTextAndKeepsItsForm(String name) throws IOException {
    Path model = model(name);
    Path run = folder.resolve("run");

    CommandRun trained = train(model, run, "--steps", "20", "--lr", "1e-3");
    trained.requireSuccess();
    List<JsonNode> evaluations = evaluations(run);
    assertThat(evaluations.getFirst().get("step").asInt()).isZero();
    assertThat(evaluations.getLast().get("step").asInt()).isEqualTo(20);
    assertThat(evaluations.getLast().get("val_loss").asDouble())
        .isLessThan(evaluations.getFirst().get("val_loss").asDouble() - 0.5);

    // What is measured before the first step is the model itself.
    requireSameTensors(model, checkpoint(run, 20));
    JsonNode before = JSON.readTree(model.resolve("config.json").toFile());
    JsonNode after = JSON.readTree(checkpoint(run, 20).resolve("config.json").toFile());
    before
        .fieldNames()
        .forEachRemaining(
            field -> {
              if (!field.endsWith("dtype")) {
                assertThat(after.get(field)).as(field).isEqualTo(before.get(field));
              }
            });
    assertThat(checkpoint(run, 20).resolve("tokenizer.json"))
        .hasSameBinaryContentAs(model.resolve("tokenizer.json"));
    assertThat(checkpoint(run, 20).resolve("generation_config.json"))
        .hasSameBinaryContentAs(model.resolve("generation_config.json"));
    CommandRun.of("generate", "--model", run.toString(), "--prompt", "The cat").requireSuccess();
    Path out = folder.resolve("out");

    CommandRun.of("export", "--model", run.toString(), "--to", "hf", "--out", out.toString())
        .requireSuccess();
    requireSameTensors(model, out);
  }

  private static void requireSameTensors(Path one, Path other) throws IOException {
    try (SafetensorsFile before = SafetensorsFile.open(one.resolve("model.safetensors"));
        SafetensorsFile after = SafetensorsFile.open(other.resolve("model.safetensors"))) {
      assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
    }
  }

  @Test
  void theFirstEvaluationIsOfTheModelItself() throws IOException {
    Path model = model("qwen3");
    Path run = folder.resolve("run");
    train(model, run, "--steps", "4", "--lr", "1e-30", "--evaluate-every", "2").requireSuccess();
    List<Double> losses =
        evaluations(run).stream().map(line -> line.get("val_loss").asDouble()).toList();
    assertThat(losses).hasSize(3).containsOnly(losses.getFirst());
  }

  @Test
  void whatIsWrongWithTheModelIsToldOnce() throws IOException {
    Path first = folder.resolve("first");
    train(model("llama-smollm2"), first, "--steps", "4", "--checkpoint-every", "2", "--keep", "2")
        .requireSuccess();
    try (LoggedWarnings warnings = new LoggedWarnings("dev.lanewise.trainer.run")) {
      for (String file : List.of("trainer.json", "config.json")) {
        EditedFile.flipABit(checkpoint(first, 4).resolve(file));
        train(first, folder.resolve(file), "--steps", "2").requireSuccess();
      }
      assertThat(warnings.messages()).hasSize(3);
      assertThat(warnings.messages().get(0)).contains("no training can resume");
      assertThat(warnings.messages().get(1)).contains("passed over", "config.json");
      assertThat(warnings.messages().get(2)).contains("is taken");
    }
  }

  /** As after {@code tokenizer.add_tokens} without {@code resize_token_embeddings}. */
  @Test
  void aTokenizerMayHaveTokensBeyondTheModels() throws IOException {
    Path model = model("qwen2");
    Path file = model.resolve("tokenizer.json");
    int rows = JSON.readTree(model.resolve("config.json").toFile()).get("vocab_size").asInt();
    ObjectNode tokenizer = (ObjectNode) JSON.readTree(file.toFile());
    ((ArrayNode) tokenizer.get("added_tokens"))
        .addObject()
        .put("id", rows)
        .put("content", "<added>")
        .put("special", true)
        .put("normalized", false);
    JSON.writeValue(file.toFile(), tokenizer);
    Path run = folder.resolve("run");
    CommandRun trained = train(model, run, "--steps", "4", "--lr", "1e-3");
    trained.requireSuccess();
    CommandRun.of("train", "--resume", "--out", run.toString(), "--steps", "6").requireSuccess();
    CommandRun.of("generate", "--model", run.toString(), "--prompt", "<added>").requireSuccess();
    CommandRun special =
        CommandRun.of("generate", "--model", run.toString(), "--prompt", "<added>", "--special");
    assertThat(special.exitCode()).isEqualTo(1);
    assertThat(special.err()).contains("the text has <added>", "the token " + rows);
  }

  /** Killed before its first checkpoint, a run has nothing but the names of its files. */
  @Test
  void aRunWithoutACheckpointRefusesOtherWeightsAndAnotherText() throws IOException {
    Path model = model("qwen2");
    Path run = folder.resolve("run");
    train(model, run, "--steps", "4", "--lr", "1e-3").requireSuccess();
    byte[] result = Files.readAllBytes(checkpoint(run, 4).resolve("model.safetensors"));
    DurableFiles.deleteTree(run.resolve("checkpoints"));
    JsonNode begun = JSON.readTree(run.resolve("begun.json").toFile());

    Path weights = model.resolve("model.safetensors");
    byte[] whole = Files.readAllBytes(weights);
    byte[] changed = whole.clone();
    changed[changed.length - 2] ^= 1;
    Files.write(weights, changed);
    CommandRun otherWeights = CommandRun.of("train", "--resume", "--out", run.toString());
    assertThat(otherWeights.exitCode()).isEqualTo(1);
    assertThat(otherWeights.err())
        .contains(
            "the weights are not those that the run",
            model.toString(),
            "and was " + begun.get("weights").asText());
    Files.write(weights, whole);

    byte[] words = Files.readAllBytes(text);
    Files.writeString(text, "Another text.\n".repeat(200));
    CommandRun otherText = CommandRun.of("train", "--resume", "--out", run.toString());
    assertThat(otherText.exitCode()).isEqualTo(1);
    assertThat(otherText.err())
        .contains(
            "the text is not the one", text.toString(), "and was " + begun.get("text").asText());
    Files.write(text, words);

    Path elsewhere = Files.move(model, folder.resolve("elsewhere"));
    CommandRun noModel = CommandRun.of("train", "--resume", "--out", run.toString());
    assertThat(noModel.exitCode()).isEqualTo(1);
    assertThat(noModel.err()).contains(model.toString(), "no such folder", "put it back there");
    Files.move(elsewhere, model);

    CommandRun.of("train", "--resume", "--out", run.toString()).requireSuccess();
    assertThat(checkpoint(run, 4).resolve("model.safetensors")).hasBinaryContent(result);
  }

  @Test
  void aRunThatIsBegunAnewMayHaveOtherInputs() throws IOException {
    Path run = folder.resolve("run");
    train(model("qwen2"), run, "--steps", "2").requireSuccess();
    DurableFiles.deleteTree(run.resolve("checkpoints"));
    train(model("qwen3"), run, "--steps", "2").requireSuccess();
  }

  @Test
  void whatIsResumedEndsTheSameOnAnyThreads() throws IOException {
    Path model = model("llama3");
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    String[] habits = {
      "--lr", "1e-3", "--checkpoint-every", "2", "--dropout", "0.1", "--keep", "9"
    };
    train(model, whole, with(habits, "--steps", "8", "--threads", "1")).requireSuccess();
    train(model, parts, with(habits, "--steps", "8", "--threads", "2")).requireSuccess();
    requireSameCheckpoint(whole, parts, 8);

    for (int step : new int[] {2, 4, 6, 8}) {
      deleteCheckpoint(parts, step);
    }
    // Even if the model it began with is gone.
    Files.move(model, folder.resolve("elsewhere"));
    CommandRun resumed = CommandRun.of("train", "--resume", "--out", parts.toString());
    resumed.requireSuccess();
    assertThat(resumed.out()).contains("step 0: validation loss", "context 16 of 512");
    requireSameCheckpoint(whole, parts, 8);
  }

  private static String[] with(String[] some, String... more) {
    List<String> all = new ArrayList<>(Arrays.asList(some));
    all.addAll(Arrays.asList(more));
    return all.toArray(String[]::new);
  }

  private static void deleteCheckpoint(Path run, int step) throws IOException {
    Path checkpoint = checkpoint(run, step);
    if (Files.exists(checkpoint)) {
      try (var files = Files.list(checkpoint)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(checkpoint);
    }
  }

  @Test
  void aPretrainedModelGetsBetterAtATextAndGoesOut() throws IOException {
    Path usage = Path.of("..", "docs", "USAGE.md");
    Path base = HuggingFaceModels.copyStories(Files.readString(usage), folder.resolve("stories"));
    Path run = folder.resolve("run");
    text = usage;
    train(
            base,
            run,
            with("--steps 100 --evaluate-every 20 --lr 4e-4 --batch 8 --context 64".split(" ")))
        .requireSuccess();
    List<Double> losses =
        evaluations(run).stream().map(line -> line.get("val_loss").asDouble()).toList();
    assertThat(losses).hasSize(6).isSortedAccordingTo(Comparator.reverseOrder());
    assertThat(losses.getLast()).isLessThan(losses.getFirst() / 2);
    Path out = folder.resolve("stories.gguf");

    CommandRun.of("export", "--model", run.toString(), "--to", "gguf", "--out", out.toString())
        .requireSuccess();
    assertThat(out).isNotEmptyFile();
  }

  @Test
  void aRunIsAModelToBeginWith() throws IOException {
    Path first = folder.resolve("first");
    CommandRun.train(text, first, "--steps=3").requireSuccess();
    Path second = folder.resolve("second");
    train(first, second, "--steps", "2").requireSuccess();
    assertThat(evaluations(second).getFirst().get("val_loss"))
        .isEqualTo(evaluations(first).getLast().get("val_loss"));
  }

  /** The tokenizer knows one end token; a model may have more, here all there are. */
  @Test
  void aTextEndsAtEachEndTokenOfTheModel() throws IOException {
    Path model = model("llama3");
    String[] generate = {
      "generate",
      "--model",
      model.toString(),
      "--prompt",
      "The",
      "--max-tokens",
      "30",
      "--temperature",
      "0"
    };
    CommandRun all = CommandRun.of(generate);
    all.requireSuccess();
    assertThat(all.out().length()).isGreaterThan("The".length() + 5);
    String every = IntStream.range(0, 384).mapToObj(Integer::toString).collect(joining(", "));
    Files.writeString(
        model.resolve("generation_config.json"), "{\"eos_token_id\": [" + every + "]}");
    CommandRun ended = CommandRun.of(generate);
    ended.requireSuccess();
    assertThat(ended.out().strip()).isEqualTo("The");
  }

  @Test
  void epochsDecideTheSteps() throws IOException {
    Path run = folder.resolve("run");
    Path model = model("gpt2");
    train(model, run, "--epochs", "2").requireSuccess();
    String config = Files.readString(run.resolve("config.yaml"));
    assertThat(config).contains("epochs: 2.0").contains("from: \"" + model).contains("linear");
    assertThat(config).doesNotContain("d_model", "layers", "tokenizer:");
    int steps = evaluations(run).getLast().get("step").asInt();
    assertThat(config).contains("\nsteps: " + steps);

    CommandRun less = CommandRun.of("train", "--resume", "--out", run.toString(), "--epochs", "1");
    assertThat(less.exitCode()).isEqualTo(2);
    assertThat(less.err()).contains("--epochs 1.0", "has already taken " + steps);
    CommandRun more = CommandRun.of("train", "--resume", "--out", run.toString(), "--epochs", "3");
    more.requireSuccess();
    assertThat(evaluations(run).getLast().get("step").asInt())
        .isBetween(steps * 3 / 2 - 1, steps * 3 / 2 + 1);
  }

  @Test
  void aFileOfSettingsMayNameTheModelAndTheSteps() throws IOException {
    Path model = model("gpt2");
    Path settings = folder.resolve("my.yaml");
    Files.writeString(settings, "from: %s%nsteps: 3%n".formatted(model));
    Path run = folder.resolve("run");
    CommandRun trained =
        CommandRun.of(
            "train",
            "--config",
            settings.toString(),
            "--data",
            text.toString(),
            "--out",
            run.toString());
    trained.requireSuccess();
    assertThat(trained.out()).contains("from     the model in " + model);
    assertThat(Files.readString(run.resolve("config.yaml")))
        .contains("\nsteps: 3 ", "\nepochs: 0.0 ", "\nlr: 2.0e-5 ", "\nschedule: linear ");
  }

  /** Documents begin with it in training, and so do samples. */
  @Test
  void aTextBeginsWithTheTokenThatTheTokenizerPutsInFront() throws IOException {
    Path model = model("llama3");
    Path short17 = Files.writeString(folder.resolve("short.txt"), "seventeen letters");
    CommandRun eval =
        CommandRun.of("eval", "--model", model.toString(), "--data", short17.toString());
    eval.requireSuccess();
    assertThat(eval.out()).contains("bytes=17").doesNotContain("Infinity", "NaN");
  }

  @Test
  void aContextLargerThanTheModelsIsMadeToFitOrRefused() throws IOException {
    Path model = model("gpt2");
    String[] begin = {
      "train", "--from", model.toString(), "--data", text.toString(), "--steps", "1", "--out"
    };
    CommandRun fitted = CommandRun.of(with(begin, folder.resolve("run").toString()));
    fitted.requireSuccess();
    assertThat(fitted.err()).contains("--context is 64 instead of 512");
    CommandRun refused =
        CommandRun.of(with(begin, folder.resolve("other").toString(), "--context", "65"));
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains("--context 65", "sees 64 tokens");
    assertThat(folder.resolve("other")).doesNotExist();
  }

  @Test
  void whatTheModelDecidesIsNotForOptions() throws IOException {
    CommandRun run =
        train(model("gpt2"), folder.resolve("run"), "--d-model", "64", "--tokenizer", "char");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--d-model: the model of --from", "--tokenizer: the model");
    CommandRun both = train(folder, folder.resolve("run"), "--steps", "2", "--epochs", "1");
    assertThat(both.exitCode()).isEqualTo(2);
    assertThat(both.err()).contains("--steps and --epochs");
    CommandRun missing = train(folder.resolve("nothing"), folder.resolve("run"), "--steps", "2");
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.err()).contains("nothing", "there is no such folder");
    assertThat(folder.resolve("run")).doesNotExist();
  }
}
