package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code --quiet} and {@code --json}: what scripts get is what docs/USAGE.md promises them. */
class ScriptsTest {

  private static final String TINY =
      " --layers 1 --d-model 16 --heads 2 --d-ff 32 --context 16 --batch 2 --warmup 1"
          + " --checkpoint-every 2 --threads 2";

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private Path text;
  private Path run;

  @BeforeEach
  void writeText() throws IOException {
    text = Files.writeString(folder.resolve("text.txt"), "to be or not to be, é\n".repeat(100));
    run = folder.resolve("run");
  }

  private CommandRun train(String more) {
    return CommandRun.line(
        "train --preset chapter --data %s --out %s --steps 4 --evaluate-every 2 --sample-tokens 5%s %s"
            .formatted(text, run, TINY, more));
  }

  /** The lines of the output, each of which is an object as it was promised. */
  private static List<JsonNode> objects(CommandRun command) throws IOException {
    Map<String, Set<String>> promised = promised();
    List<JsonNode> objects = new ArrayList<>();
    for (String line : command.out().lines().toList()) {
      assertThat(line).matches("\\p{ASCII}+");
      JsonNode object = JSON.readTree(line);
      String type = object.get("type").asText();
      String key = type.equals("result") ? "result of " + object.get("command").asText() : type;
      assertThat(promised).containsKey(key);
      Set<String> fields = new TreeSet<>();
      object.fieldNames().forEachRemaining(fields::add);
      fields.removeAll(Set.of("type"));
      assertThat(fields).as(line).isEqualTo(promised.get(key));
      objects.add(object);
    }
    return objects;
  }

  /** What the table in docs/USAGE.md says: the fields of each type. */
  private static Map<String, Set<String>> promised() throws IOException {
    Map<String, Set<String>> promised = new HashMap<>();
    String usage = Files.readString(Path.of("..", "docs", "USAGE.md"));
    int section = usage.indexOf("## Use from scripts");
    Matcher row =
        Pattern.compile("(?m)^\\| `(\\w+)`( of `(\\w+)`)? \\|([^|]*)\\|")
            .matcher(usage.substring(section, usage.indexOf("\n## ", section)));
    while (row.find()) {
      Set<String> fields = new TreeSet<>();
      Matcher name = Pattern.compile("`(\\w+)`").matcher(row.group(4));
      while (name.find()) {
        fields.add(name.group(1));
      }
      String command = row.group(3);
      promised.put(row.group(1) + (command == null ? "" : " of " + command), fields);
    }
    assertThat(promised).hasSizeGreaterThan(10);
    return promised;
  }

  private static List<String> types(List<JsonNode> objects) {
    return objects.stream().map(object -> object.get("type").asText()).toList();
  }

  /** Each phase begins at 0, never goes back, and ends at 1; those that come, in order. */
  private static List<String> wholePhases(List<JsonNode> objects) {
    Map<String, Double> shares = new LinkedHashMap<>();
    List<String> ended = new ArrayList<>();
    for (JsonNode object : objects) {
      if (!object.get("type").asText().equals("progress")) {
        continue;
      }
      String phase = object.get("phase").asText();
      double share = object.get("share").asDouble();
      assertThat(share).as(phase).isGreaterThanOrEqualTo(shares.getOrDefault(phase, 0.0));
      if (!shares.containsKey(phase)) {
        assertThat(object.get("done").asLong()).as(phase).isZero();
      }
      shares.put(phase, share);
      if (share == 1) {
        shares.remove(phase);
        ended.add(phase);
      }
    }
    assertThat(shares).as("phases that did not end").isEmpty();
    return ended;
  }

  @Test
  void aRunIsToldObjectByObject() throws IOException {
    CommandRun trained = train("--tokenizer bpe --vocabulary 260 --evaluate-tokens 16 --json");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.err()).isEmpty();
    List<JsonNode> objects = objects(trained);
    assertThat(types(objects)).startsWith("start").endsWith("result");
    assertThat(types(objects))
        .contains("ready", "evaluation", "exact_evaluation", "sample", "checkpoint");
    assertThat(wholePhases(objects))
        .containsExactly(
            "reading",
            "counting",
            "learning",
            "encoding",
            "checking",
            "evaluating",
            "training",
            "evaluating",
            "evaluating");
    List<JsonNode> steps = ofType(objects, "step");
    List<JsonNode> logged = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
      ObjectNode object = (ObjectNode) JSON.readTree(line);
      // How much memory is used is logged now and then.
      logged.add(object.without(List.of("heap_bytes", "resident_bytes")));
    }
    assertThat(steps).hasSize(4).isEqualTo(ofType(logged, "step"));
    JsonNode result = objects.getLast();
    assertThat(result.get("completed").asBoolean()).isTrue();
    assertThat(result.get("completed_steps").asInt()).isEqualTo(4);
    assertThat(Path.of(result.get("checkpoint").asText())).isDirectory();
    assertThat(Path.of(result.get("report").asText())).isNotEmptyFile();
  }

  private static List<JsonNode> ofType(List<JsonNode> objects, String type) {
    return objects.stream().filter(object -> object.get("type").asText().equals(type)).toList();
  }

  @Test
  void generateTellsHowFastItWas() throws IOException {
    assertThat(train("--tokenizer char --quiet").exitCode()).isZero();
    String line = "generate --model %s --prompt to --threads 1 --max-tokens ".formatted(run);
    JsonNode result = objects(CommandRun.line(line + "9 --json")).getLast();
    assertThat(result.get("first_seconds").asDouble()).isPositive();
    assertThat(result.get("tokens_per_s").asDouble()).isPositive();
    JsonNode one = objects(CommandRun.line(line + "1 --json")).getLast();
    assertThat(one.get("tokens_per_s").isNull()).isTrue();
    assertThat(CommandRun.line(line + "9").err())
        .containsPattern("first token after 2 tokens of the prompt, then .* tokens/s");
    assertThat(CommandRun.line(line + "9 --samples 3").err())
        .containsPattern("first token after 2 tokens of .* tokens/s of all texts together");
    assertThat(CommandRun.line(line + "9 --quiet").err()).doesNotContain("tokens/s");
    assertThat(CommandRun.line(line + "0").err()).doesNotContain("first token");
  }

  @Test
  void aResumedRunTellsWhatItReads() throws IOException {
    assertThat(train("--tokenizer char --quiet").exitCode()).isZero();
    CommandRun resumed =
        CommandRun.line("train --resume --steps 6 --json --out %s --threads 2".formatted(run));
    List<JsonNode> objects = objects(resumed);
    assertThat(objects)
        .filteredOn(object -> object.get("type").asText().equals("progress"))
        .extracting(object -> object.get("phase").asText())
        .startsWith(
            "checking", "checking", "reading", "reading", "checking", "checking", "loading");
    assertThat(ofType(objects, "ready").getFirst().get("first_step").asInt()).isEqualTo(4);
    assertThat(ofType(objects, "warning").getFirst().get("message").asText())
        .contains("begun with 4 steps");
    JsonNode first =
        objects.stream()
            .filter(object -> object.path("phase").asText().equals("training"))
            .findFirst()
            .orElseThrow();
    assertThat(first.get("done").asInt()).as("steps that were taken before").isEqualTo(4);
  }

  @Test
  void otherCommandsTellToo() throws IOException {
    assertThat(train("--tokenizer char --quiet").exitCode()).isZero();
    List<JsonNode> eval =
        objects(CommandRun.line("eval --json --model %s --data %s".formatted(run, text)));
    assertThat(types(eval)).startsWith("progress").contains("model").endsWith("result");
    assertThat(wholePhases(eval))
        .containsExactly("checking", "encoding", "checking", "loading", "evaluating", "reading");
    assertThat(eval.getLast().get("loss").asDouble()).isBetween(1.0, 4.0);

    List<JsonNode> export =
        objects(
            CommandRun.line(
                "export --json --model %s --to hf --out %s"
                    .formatted(run, folder.resolve("exported"))));
    assertThat(wholePhases(export)).containsExactly("checking", "loading", "exporting");
    assertThat(export.getLast().get("dtype").asText()).isEqualTo("f32");

    String generate = "generate --model %s --prompt é --max-tokens 5 ".formatted(run);
    List<JsonNode> generated = objects(CommandRun.line(generate + "--json"));
    // Compared with their SHA-256 while they are read.
    assertThat(wholePhases(generated)).containsExactly("loading", "checking");
    JsonNode result = generated.getLast();
    assertThat(result.get("tokens").asInt()).isEqualTo(5);
    String pieces =
        ofType(generated, "piece").stream()
            .map(object -> object.get("text").asText())
            .reduce("", String::concat);
    assertThat(result.get("text").asText()).isEqualTo(pieces);
    assertThat(CommandRun.line(generate).out())
        .as("prompt and text, as people get them")
        .isEqualTo(result.get("prompt").asText() + pieces + System.lineSeparator());
    assertThat(types(objects(CommandRun.line(generate + "--json --quiet"))))
        .containsExactly("result");
  }

  /** Several texts at once are those of their seeds, each with a line of its own. */
  @Test
  void textsSideBySideAreToldApart() throws IOException {
    assertThat(train("--tokenizer char --quiet").exitCode()).isZero();
    String generate = "generate --model %s --prompt to --max-tokens 30 ".formatted(run);
    List<String> alone = new ArrayList<>();
    StringBuilder shown = new StringBuilder();
    for (int seed = 7; seed < 10; seed++) {
      alone.add(
          objects(CommandRun.line(generate + "--json --quiet --seed " + seed))
              .getLast()
              .get("text")
              .asText());
      shown.append(
          "%s--- %d of 3, seed %d ---%nto%s%n"
              .formatted(seed == 7 ? "" : "%n".formatted(), seed - 6, seed, alone.getLast()));
    }
    String several = generate + "--samples 3 --seed 7 ";
    List<JsonNode> told = objects(CommandRun.line(several + "--json"));
    List<JsonNode> texts = ofType(told, "generated");
    assertThat(texts).extracting(object -> object.get("text").asText()).isEqualTo(alone);
    assertThat(texts).extracting(object -> object.get("seed").asInt()).containsExactly(7, 8, 9);
    assertThat(texts).extracting(object -> object.get("number").asInt()).containsExactly(1, 2, 3);
    assertThat(types(told)).doesNotContain("piece", "result");
    assertThat(types(objects(CommandRun.line(several + "--json --quiet"))))
        .containsOnly("generated");
    assertThat(CommandRun.line(several).out()).isEqualTo(shown.toString());
    assertThat(CommandRun.line(several + "--lookup").out()).isEqualTo(shown.toString());
  }

  @Test
  void theStandardInputIsOfUnknownLength() throws IOException {
    InputStream before = System.in;
    try {
      System.setIn(Files.newInputStream(text));
      CommandRun trained =
          CommandRun.line(
              "train --data - --out %s --tokenizer char --steps 2 --json%s".formatted(run, TINY));
      List<JsonNode> input =
          objects(trained).stream()
              .filter(object -> object.path("phase").asText().equals("input"))
              .toList();
      assertThat(input.getFirst().get("total").isNull()).isTrue();
      assertThat(input.getFirst().get("share").isNull()).isTrue();
      assertThat(input.getLast().get("done").asLong()).isEqualTo(Files.size(text));
      assertThat(input.getLast().get("share").asDouble()).isEqualTo(1);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void theQuietGetTheResultAndNothingElse() {
    CommandRun trained = train("--tokenizer char --quiet");
    assertThat(trained.exitCode()).as(trained.err()).isZero();
    assertThat(trained.err()).isEmpty();
    assertThat(trained.out()).startsWith("Done: 4 steps.").contains("model", "curves");

    CommandRun eval = CommandRun.line("eval --quiet --model %s --data %s".formatted(run, text));
    assertThat(eval.err()).isEmpty();
    assertThat(eval.out()).matches("loss=\\S+ perplexity=\\S+ .*\\R");

    CommandRun export =
        CommandRun.line(
            "export --quiet --model %s --to hf --out %s"
                .formatted(run, folder.resolve("exported")));
    assertThat(export.err()).isEmpty();
    assertThat(export.out()).matches("wrote .*\\R");

    CommandRun generated = CommandRun.line("generate --quiet --model %s".formatted(run));
    assertThat(generated.err()).isEmpty();
    assertThat(generated.out()).isNotBlank();
  }

  @Test
  void theQuietAreWarnedAndToldOfErrors() {
    CommandRun warned = train("--tokenizer char --quiet --no-lock");
    assertThat(warned.err().lines())
        .isNotEmpty()
        .allMatch(line -> line.startsWith("warning: "), "a warning");
    CommandRun again = train("--tokenizer char --quiet");
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.out()).isEmpty();
    assertThat(again.err()).startsWith("lanewise train: ").contains("--resume");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --json --data FOLDER/nowhere --out FOLDER/run; 1; nowhere: no such file",
        "train --heads 3 --json; 2; --d-model 128 is not divisible",
        "train --stpes 5 --json; 2; --stpes",
        "train --json --resume --data -; 2; ",
        "eval --json; 2; Missing required",
        "eval --model FOLDER/nowhere --data FOLDER/text.txt --json; 1; no such folder",
        "generate --model FOLDER/nowhere --json --quiet; 1; no such folder",
        "export --json --model FOLDER/nowhere --to hf --out FOLDER/x; 1; no such folder"
      })
  void anErrorIsAnObjectWithMessageAndExitCode(String line) throws JsonProcessingException {
    List<String> expected = Arrays.asList(line.split("; ?", -1));
    String command = expected.get(0).replace("FOLDER", folder.toString());
    CommandRun failed = CommandRun.line(command);
    int exitCode = Integer.parseInt(expected.get(1));
    assertThat(failed.exitCode()).isEqualTo(exitCode);
    assertThat(failed.err()).isEmpty();
    JsonNode error = JSON.readTree(failed.out().lines().toList().getLast());
    assertThat(error.get("type").asText()).isEqualTo("error");
    assertThat(error.get("command").asText()).isEqualTo(command.substring(0, command.indexOf(' ')));
    assertThat(error.get("exit_code").asInt()).isEqualTo(exitCode);
    assertThat(error.get("message").asText()).contains(expected.get(2));
  }
}
