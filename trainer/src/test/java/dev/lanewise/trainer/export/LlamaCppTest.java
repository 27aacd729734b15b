package dev.lanewise.trainer.export;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.cli.CommandRun;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import dev.lanewise.trainer.progress.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Exports in the real thing: llama.cpp, which the Maven profile {@code interop} installs, gives the
 * same likeliest ids as we do, the same probabilities within rounding, and the same ids of text.
 */
@Tag("interop")
class LlamaCppTest {

  private static final Path TOOL = Path.of("target", "interop");
  private static final Path SCRIPT = Path.of("src", "test", "interop", "llama.mjs");
  private static final int GENERATED = 40;

  private final ObjectMapper json = new ObjectMapper();

  @TempDir private Path folder;

  private Path export(Path source, Encoding encoding) throws IOException {
    Path file = folder.resolve("model.gguf");
    ExportedModel model = ExportedModel.read(source, note -> {}, Progress.SILENT);
    new GgufExport().prepare(model, encoding, note -> {}).write(file, bytes -> {});
    return file;
  }

  private JsonNode askLlama(Path file, List<Integer> prompt, List<String> texts)
      throws IOException, InterruptedException {
    return askLlama(file, "", prompt, texts);
  }

  /** With an adapter's file, or none. */
  private JsonNode askLlama(Path file, String lora, List<Integer> prompt, List<String> texts)
      throws IOException, InterruptedException {
    Path script = TOOL.resolve(SCRIPT.getFileName());
    Files.copy(SCRIPT, script, REPLACE_EXISTING);
    Path answer = folder.resolve("answer.json");
    Path problems = folder.resolve("problems.txt");
    String request =
        json.writeValueAsString(
            Map.of("prompt", prompt, "count", GENERATED, "texts", texts, "lora", lora));
    Process node =
        new ProcessBuilder("node", script.toString(), file.toString(), request)
            .redirectOutput(answer.toFile())
            .redirectError(problems.toFile())
            .start();
    try {
      assertThat(node.waitFor(2, TimeUnit.MINUTES)).as("llama.cpp has ended").isTrue();
    } finally {
      node.destroyForcibly();
    }
    assertThat(node.exitValue()).as(Files.readString(problems)).isZero();
    return json.readTree(answer.toFile());
  }

  /** Follows what llama.cpp generated, and compares what comes next at each place. */
  private void compare(Path source, List<Integer> prompt, JsonNode answer, double tolerance)
      throws IOException {
    compare(ExportedModel.read(source, note -> {}, Progress.SILENT), prompt, answer, tolerance);
  }

  private void compare(ExportedModel model, List<Integer> prompt, JsonNode answer, double tolerance)
      throws IOException {
    Transformer transformer =
        new Transformer(model.description().config(), VectorKernels.create(), 1);
    WeightPanels panels = transformer.newPanels(false);
    try (WorkerPool pool = new WorkerPool(1)) {
      panels.pack(pool, model.weights());
      Decoder decoder = transformer.newDecoder(model.weights(), panels, pool);
      float[] logits = null;
      for (int id : prompt) {
        logits = decoder.accept(id);
      }
      assertThat(answer.get("ids")).hasSize(GENERATED);
      double largest = 0;
      for (int i = 0; i < GENERATED; i++) {
        int id = answer.get("ids").get(i).asInt();
        assertThat(id).as("id %d", i).isEqualTo(best(logits));
        largest = Math.max(largest, difference(logits, answer.get("logprobs").get(i)));
        logits = decoder.accept(id);
      }
      assertThat(largest).as("of log probabilities").isCloseTo(0, within(tolerance));
    }
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      best = logits[id] > logits[best] ? id : best;
    }
    return best;
  }

  private static double difference(float[] logits, JsonNode logprobs) {
    assertThat(logprobs).hasSize(logits.length);
    double largest = logits[best(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    double logSum = largest + Math.log(sum);
    double difference = 0;
    for (int id = 0; id < logits.length; id++) {
      double theirs = logprobs.get(id).asDouble();
      difference = Math.max(difference, Math.abs(logits[id] - logSum - theirs));
    }
    return difference;
  }

  private List<Integer> greedyPrompt(String model) throws IOException {
    JsonNode greedy =
        json.readTree(HuggingFaceModels.golden(model).toFile()).get("greedy").get("prompt");
    List<Integer> prompt = new ArrayList<>();
    greedy.forEach(id -> prompt.add(id.asInt()));
    return prompt;
  }

  /** GPT-2's activation is a table of halves in llama.cpp, hence its tolerance. */
  @ParameterizedTest
  @CsvSource({
    "llama-smollm2, 2e-5",
    "llama3, 2e-5",
    "mistral, 2e-5",
    "qwen2, 2e-5",
    "qwen3, 2e-5",
    "gpt2, 5e-3"
  })
  void aModelComputesTheSame(String name, double tolerance) throws Exception {
    Path source = HuggingFaceModels.copy(name, folder.resolve("hf"));
    List<Integer> prompt = greedyPrompt(name);
    List<String> texts = new ArrayList<>();
    List<List<Integer>> expected = new ArrayList<>();
    for (String line :
        Files.readAllLines(HuggingFaceModels.resources(name).resolve("encode.jsonl"))) {
      JsonNode golden = json.readTree(line);
      String text = golden.get("text").asText();
      if (isComparable(text)) {
        texts.add(text);
        List<Integer> ids = new ArrayList<>();
        golden.get("ids_plain").forEach(id -> ids.add(id.asInt()));
        expected.add(ids);
      }
    }
    assertThat(texts).hasSizeGreaterThan(40);
    JsonNode answer = askLlama(export(source, Encoding.F32), prompt, texts);
    for (int i = 0; i < texts.size(); i++) {
      List<Integer> ids = new ArrayList<>();
      answer.get("tokens").get(i).forEach(id -> ids.add(id.asInt()));
      assertThat(ids).as(texts.get(i)).isEqualTo(expected.get(i));
    }
    compare(source, prompt, answer, tolerance);
  }

  /** Any weights will do. */
  @Test
  void charactersWithByteFallbackGetTheSameIds() throws Exception {
    Path source = HuggingFaceModels.copy("llama-smollm2", folder.resolve("hf"));
    Path tokenizer = Path.of(LlamaCppTest.class.getResource("/tokenizers/fallback-llama").toURI());
    for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(tokenizer.resolve(file), source.resolve(file), REPLACE_EXISTING);
    }
    List<String> texts = new ArrayList<>();
    List<JsonNode> expected = new ArrayList<>();
    for (String line : Files.readAllLines(tokenizer.resolve("encode.jsonl"))) {
      JsonNode golden = json.readTree(line);
      if (golden.get("text").asText().indexOf('\0') < 0) {
        texts.add(golden.get("text").asText());
        expected.add(golden.get("ids_plain"));
      }
    }
    assertThat(texts).hasSizeGreaterThan(100);
    JsonNode answer = askLlama(export(source, Encoding.F32), List.of(1), texts);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(answer.get("tokens").get(i)).as(texts.get(i)).isEqualTo(expected.get(i));
    }
  }

  /** llama.cpp does not normalize, and text of Java may hold what no UTF-8 can. */
  private static boolean isComparable(String text) {
    return Normalizer.isNormalized(text, Normalizer.Form.NFC)
        && StandardCharsets.UTF_8.newEncoder().canEncode(text)
        && text.indexOf('\0') < 0;
  }

  @ParameterizedTest
  @CsvSource({"llama-smollm2, BF16", "qwen3, BF16", "llama-smollm2, F16"})
  void shorterWeightsAreTheSameAsThoseOfAShorterModel(String name, Encoding encoding)
      throws Exception {
    Path source = HuggingFaceModels.copy(name, folder.resolve("hf"));
    Path shorter = Files.createDirectory(folder.resolve("shorter"));
    ExportedModel model = ExportedModel.read(source, note -> {}, Progress.SILENT);
    new HuggingFaceExport().prepare(model, encoding, note -> {}).write(shorter, bytes -> {});
    List<Integer> prompt = greedyPrompt(name);
    JsonNode answer = askLlama(export(shorter, Encoding.F32), prompt, List.of());
    compare(shorter, prompt, answer, 2e-5);
  }

  /** A pretrained model, of which only ids are known: any tokenizer of its size will do. */
  @Test
  void aPretrainedModelContinuesWithTheSameIds() throws Exception {
    String text =
        Files.readString(HuggingFaceModels.resources("stories260K").resolve("golden.json"));
    Path source = HuggingFaceModels.copyStories(text, folder.resolve("stories"));
    JsonNode golden = json.readTree(text).get("greedy_ids_from_BOS");
    JsonNode answer = askLlama(export(source, Encoding.F32), List.of(1), List.of());
    for (int i = 0; i < GENERATED; i++) {
      assertThat(answer.get("ids").get(i).asInt()).isEqualTo(golden.get(i + 1).asInt());
    }
    compare(source, List.of(1), answer, 5e-5);
  }

  /** PEFT's adapter, merged into its base, and beside it: PEFT's ids. */
  @ParameterizedTest
  @CsvSource({"llama-smollm2, 2e-5", "qwen2, 2e-5", "gpt2, 5e-3"})
  void anAdapterGivesTheSameIdsMergedAndBesideItsBase(String name, double tolerance)
      throws Exception {
    Path base = HuggingFaceModels.copy(name, folder.resolve("hf"));
    Path adapter = HuggingFaceModels.copyAdapter(name, folder.resolve("adapter"));
    ExportedModel merged = ExportedModel.read(adapter, base, true, note -> {}, Progress.SILENT);
    Path whole = folder.resolve("merged.gguf");
    new GgufExport().prepare(merged, Encoding.F32, note -> {}).write(whole, bytes -> {});
    ExportedModel alone = ExportedModel.read(adapter, base, false, note -> {}, Progress.SILENT);
    Path lora = folder.resolve("lora.gguf");
    new GgufExport().prepare(alone, Encoding.F32, note -> {}).write(lora, bytes -> {});
    JsonNode golden =
        json.readTree(HuggingFaceModels.adapter(name).resolve("golden.json").toFile())
            .get("greedy");
    List<Integer> prompt = new ArrayList<>();
    golden.get("prompt").forEach(id -> prompt.add(id.asInt()));

    JsonNode ofWhole = askLlama(whole, prompt, List.of());
    JsonNode besideBase = askLlama(export(base, Encoding.F32), lora.toString(), prompt, List.of());

    assertThat(ofWhole.get("ids")).isEqualTo(golden.get("ids"));
    assertThat(besideBase.get("ids")).isEqualTo(golden.get("ids"));
    compare(merged, prompt, ofWhole, tolerance);
    compare(merged, prompt, besideBase, tolerance);
  }

  @Test
  void aTunedModelContinuesWithTheSameIds() throws Exception {
    Path readme = Path.of("..", "docs", "USAGE.md");
    Path base = HuggingFaceModels.copyStories(Files.readString(readme), folder.resolve("stories"));
    Path run = folder.resolve("run");
    CommandRun.trainFrom(base, readme, run, "--steps=30", "--lr=1e-3", "--context=64")
        .requireSuccess();
    List<Integer> prompt = List.of(64, 100, 200, 300);
    JsonNode answer = askLlama(export(run, Encoding.F32), prompt, List.of());
    compare(run, prompt, answer, 5e-5);
  }
}
