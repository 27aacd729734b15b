package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanewiseCommandTest {
  @TempDir private Path folder;

  @Test
  void withoutACommandItExplainsItself() {
    CommandRun run = CommandRun.of();

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .contains(
            "train",
            "generate",
            "chat",
            "eval",
            "compare",
            "data",
            "export",
            "gradcheck",
            "bench",
            "doctor",
            "Say which");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train",
        "generate",
        "chat",
        "eval",
        "compare",
        "data",
        "export",
        "gradcheck",
        "bench",
        "doctor"
      })
  void everyCommandHasHelpWithAnExample(String command) {
    CommandRun run = CommandRun.of(command, "--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("Example", "lanewise " + command, "--help");
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 80);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void theHelpOfTrainHasEverySettingAndPreset() {
    String help = CommandRun.of("train", "--help").out();

    for (ConfigKey key : ConfigKey.values()) {
      assertThat(help).containsPattern(key.option() + "(=|\\[=true\\|false\\])");
    }
    for (Preset preset : Preset.values()) {
      assertThat(help).contains("  " + preset.id() + " ");
    }
    assertThat(help).contains("lanewise.vectorBits").containsPattern("default:\\s+0\\.01;");
  }

  @Test
  void helpIsACommandToo() {
    CommandRun all = CommandRun.line("help").requireSuccess();
    assertThat(all.out())
        .isEqualTo(CommandRun.line("--help").out())
        .contains("Commands:")
        .containsPattern("(?m)^ +help +\\S");
    CommandRun one = CommandRun.line("help train").requireSuccess();
    assertThat(one.out()).isEqualTo(CommandRun.line("train --help").out());
  }

  /** Who asks twice, in both ways, gets it once. */
  @ParameterizedTest
  @CsvSource({
    "help --help, --help",
    "help -h, --help",
    "help help, --help",
    "help train --help, train --help",
  })
  void helpMayBeAskedForInBothWays(String line, String same) {
    CommandRun run = CommandRun.line(line).requireSuccess();
    assertThat(run.out()).isEqualTo(CommandRun.line(same).out());
    assertThat(run.err()).isEmpty();
  }

  @Test
  void saysItsVersion() {
    assertThat(CommandRun.of("--version").out()).contains("lanewise ", "Java ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "trian | Did you mean: lanewise train?",
        "help trian | There is no command 'trian'; there are train, generate,",
        "help foo | Try 'lanewise --help'.",
        "hepl train | Did you mean: lanewise help?",
        "tarin --help | Did you mean: lanewise train?",
        "train words | belongs to no option of train.",
        "train --stpes 5 | Possible solutions: --steps",
        "train --lr fast | \"fast\" is not a number such as",
        "train --heads | Missing required parameter for option '--heads'",
        "train --tokenizer words | there is no such tokenizer; there are bpe, bpe-chat, char, gpt2",
        "train --biases=perhaps | is not true or false",
        "train --preset gpt5 | --preset gpt5: there is no such preset; there are quickstart, chapter,",
        "train --threads 0 | --threads 0 has to be from 1",
        "train --heads 3 | --d-model 128 is not divisible by --heads 3",
        "train --heads 3 --dropout 1 | 2 settings cannot be used",
        "train --threads 0 --dropout 1 | 2 settings cannot be used",
        "generate --model x --top-k -1 --threads 0 | 2 settings cannot be used",
        "bench --warm-up -1 | --warm-up -1.0 has to be from 0 to 3600 seconds",
        "bench --warm-up NaN | \"NaN\" is not a number such as",
        "bench --warm-up Infinity | \"Infinity\" is not a number such as",
        "bench --warm-up 1d | \"1d\" is not a number such as",
        "bench --warm-up 1e999 | --warm-up Infinity has to be from 0",
        "bench --steps 2147483647 --batch 0 | 2 settings cannot be used",
        "bench --preset shakespeare-char --vocabulary 0 | --vocabulary 0 has to be at least 1",
        "train --kernels fast | '--kernels'",
        "train --on-non-finite cry | '--on-non-finite'",
        "train --config nowhere.yaml | nowhere.yaml: no such file",
        "train --steps 10 --warmup 20 | --warmup 20 has to be less than --steps 10",
        "generate | Missing required option: '--model=DIR'",
        "generate --model x --top-p 2 | --top-p",
        "generate --model x --temperature -1 | --temperature",
        "generate --model x --max-tokens -1 | --max-tokens -1 has to be at least 0",
        "eval --model x | Missing required option: '--data=PATH'",
        "bench --preset gpt5 | there is no such preset",
        "bench --steps 0 | --steps 0 has to be from 1 to 1000000",
        "bench --batch 0 | --batch 0 has to be from 1",
        "doctor --threads many | \"many\" is not a whole number",
        "generate --model x --temperature warm | \"warm\" is not a number such as",
        "train --threads 99999999999 | \"99999999999\" is out of range",
        "train --threads -99999999999 | \"-99999999999\" is out of range",
        "train --heads -99999999999 | \"-99999999999\" is out of range",
      })
  void aWrongCallIsExplainedInOneLineAndEndsWith2(String line, String message) {
    CommandRun run = CommandRun.line(line);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(message).doesNotContain("\tat ", "Exception");
    assertThat(run.err().lines().count()).isLessThanOrEqualTo(3);
    assertThat(run.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train --data DIR/nowhere --out DIR/run | nowhere: no such file or folder",
        "train --data DIR --out DIR/run | no text file found",
        "train --data DIR/bad.bin --out DIR/run | bad.bin: a binary file",
        "train --data DIR/bad.txt --out DIR/run | bad.txt: ",
        "train --data DIR/tiny.txt --out DIR/run --tokenizer char | give more text",
        "train --data DIR/tiny.txt --out DIR/tiny.txt/run | tiny.txt",
        "train --layers 9999 --d-model 4096 --d-ff 4096 | make the model smaller",
        "train --layers 9999 --d-model 4096 --d-ff 4096 | --layers 9999 and a vocabulary of 5000",
        "train --preset chapter --context 16777216 --d-model 128 | --context 16777216, --d-model 128",
        "train --d-model 65536 --d-ff 65536 | --d-model 65536, --d-ff 65536",
        "train --d-model 46336 --d-ff 46336 --layers 1 --heads 1 --context 1 | --d-model 46336",
        "train --layers 100 --d-model 1024 --d-ff 4096 | LANEWISE_JAVA_OPTS=-Xmx",
        "generate --model DIR/nowhere | no such folder",
        "generate --model DIR | neither a model",
        "eval --model DIR --data DIR/tiny.txt | neither a model",
        "eval --model DIR --data DIR/nowhere | nowhere: no such file",
      })
  void aFailureIsExplainedInOneLineAndEndsWith1(String line, String message) throws IOException {
    Files.createDirectory(folder.resolve("empty"));
    CommandRun run = prepared(line);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(message).doesNotContain("\tat ", "this is a bug");
    assertThat(run.err().lines().filter(l -> l.startsWith("lanewise "))).hasSize(1);
  }

  private CommandRun prepared(String line) throws IOException {
    boolean wantsFiles = line.contains("DIR/bad") || line.contains("DIR/tiny");
    if (wantsFiles) {
      Files.write(folder.resolve("bad.bin"), new byte[] {1, 0, 2});
      Files.write(folder.resolve("bad.txt"), new byte[] {'a', (byte) 0xff, 'b'});
      Files.writeString(folder.resolve("tiny.txt"), "far too short");
    }
    return CommandRun.line(line.replace("DIR", folder.toString()));
  }

  @Test
  void debugShowsWhereAnErrorIs() {
    CommandRun run = CommandRun.of("generate", "--model", "nowhere", "--debug");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("\tat ");
  }

  @Test
  void gradcheckPasses() {
    CommandRun run = CommandRun.of("gradcheck", "--seed", "7");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("layers.1.feed_forward.down.weight", "embedding.weight", "passed: largest error");
    assertThat(run.out()).doesNotContain("wrong");
  }

  @Test
  void doctorLooksAtTheMachine() {
    CommandRun run = CommandRun.of("doctor", "--threads", "1");

    run.requireSuccess();
    assertThat(run.out())
        .contains("Java ", "C2", "G1", "LoopStripMiningIter=1000", "bits", "Processors", "Heap")
        .containsPattern("Speed, 1 thread +peak [\\d.]+ GFLOP/s; matmul of 512 x 512: [\\d.]+");
  }

  @Test
  void doctorTellsScripts() throws IOException {
    List<JsonNode> objects = objects("doctor", "--threads", "1", "--json");

    JsonNode machine = objects.getFirst();
    assertThat(machine.get("type").asText()).isEqualTo("machine");
    assertThat(machine.get("java").asText()).isNotEmpty();
    assertThat(machine.get("vector_bits").asInt()).isPositive();
    assertThat(machine.get("heap_bytes").asLong()).isEqualTo(Runtime.getRuntime().maxMemory());
    JsonNode speed =
        objects.stream()
            .filter(object -> object.get("type").asText().equals("speed"))
            .findFirst()
            .orElseThrow();
    assertThat(speed.get("threads").asInt()).isEqualTo(1);
    assertThat(speed.get("matmul_gflops").asDouble()).isPositive();
    JsonNode result = objects.getLast();
    assertThat(result.get("command").asText()).isEqualTo("doctor");
    assertThat(result.get("warnings").asLong())
        .isEqualTo(objects.stream().filter(o -> o.get("type").asText().equals("warning")).count());
  }

  @Test
  void benchTellsPeopleAndScripts() throws IOException {
    String[] small = {
      "bench",
      "--preset",
      "shakespeare-char",
      "--batch",
      "2",
      "--context",
      "16",
      "--d-model",
      "32",
      "--d-ff",
      "64",
      "--layers",
      "1",
      "--vocabulary",
      "50",
      "--steps",
      "1",
      "--warm-up",
      "0",
      "--threads",
      "1",
      "--dropout",
      "0.1"
    };
    CommandRun run = CommandRun.of(small).requireSuccess();
    assertThat(run.out())
        .matches(
            "preset=shakespeare-char threads=1 shards=\\d+ ms_per_step=.* peak_fraction=.*\\R");
    assertThat(run.err()).contains("note: with dropout 0.1, as the preset trains");

    String[] forScripts = Arrays.copyOf(small, small.length + 1);
    forScripts[small.length] = "--json";
    JsonNode result = objects(forScripts).getFirst();
    assertThat(result.get("type").asText()).isEqualTo("result");
    assertThat(result.get("command").asText()).isEqualTo("bench");
    assertThat(result.get("preset").asText()).isEqualTo("shakespeare-char");
    assertThat(result.get("threads").asInt()).isEqualTo(1);
    double seconds = result.get("ms_per_step").asDouble() / 1e3;
    assertThat(result.get("tokens_per_s").asDouble() * seconds).isCloseTo(32, within(1e-6));
  }

  private static List<JsonNode> objects(String... arguments) throws IOException {
    List<JsonNode> objects = new ArrayList<>();
    for (String line : CommandRun.of(arguments).requireSuccess().out().lines().toList()) {
      objects.add(new ObjectMapper().readTree(line));
    }
    return objects;
  }
}
