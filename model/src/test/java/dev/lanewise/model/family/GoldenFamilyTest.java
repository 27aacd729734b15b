package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tiny models of each family against what transformers computes on them in float64: logits, loss,
 * gradients, three AdamW steps, greedy tokens.
 */
class GoldenFamilyTest {

  private static final double LOGITS = 2e-5;
  private static final double LOSS = 1e-5;
  private static final double GRADIENTS = 1e-4;
  private static final double NORMS = 1e-5;
  private static final double STEP = 1e-5;
  private static final double SHAKY_STEP = 3.2e-3;

  private final KernelSet kernels = VectorKernels.create();

  /** A model, its weights and what is known of it. */
  private final class Subject implements AutoCloseable {

    private final Path golden;
    private final JsonNode expected;
    private final ModelDescription description;
    private final int sequences;
    private final int time;
    private final Transformer transformer;
    private final ParameterStore weights;
    private final WeightPanels panels;
    private final Pass pass;
    private final WorkerPool pool = new WorkerPool(1);
    private final List<String> notes = new ArrayList<>();

    Subject(String family, String folder) throws IOException {
      Path home = ModelFolders.huggingFace(family);
      this.golden = home.resolve("golden");
      this.expected = new ObjectMapper().readTree(golden.resolve("golden.json").toFile());
      this.sequences = expected.get("input_ids").size();
      this.time = expected.get("input_ids").get(0).size();
      this.description = ModelFolder.readConfig(home.resolve(folder));
      this.transformer = new Transformer(description.config(), kernels, sequences);
      this.weights =
          ModelFolder.readWeights(home.resolve(folder), description, transformer, notes::add);
      this.panels = transformer.newPanels(true);
      this.pass = transformer.newPass();
      panels.pack(pool, weights);
      pass.bind(weights, panels, null);
      pass.batch().takeWindows(windows(), 0, sequences, time);
      pass.withoutDropout();
    }

    private int[] windows() {
      int[] windows = new int[sequences * (time + 1)];
      for (int s = 0; s < sequences; s++) {
        for (int t = 0; t < time; t++) {
          windows[s * (time + 1) + t] = expected.get("input_ids").get(s).get(t).asInt();
        }
        windows[s * (time + 1) + time] = expected.get("targets").get(s).get(time - 1).asInt();
      }
      return windows;
    }

    float[] logits() {
      float[] logits = new float[pass.rows() * transformer.config().vocabularySize()];
      transformer.logits(pass, logits);
      return logits;
    }

    int[] greedy() {
      JsonNode prompt = expected.get("greedy").get("prompt");
      Decoder decoder = transformer.newDecoder(weights, panels, pool);
      float[] logits = null;
      for (JsonNode id : prompt) {
        logits = decoder.accept(id.asInt());
      }
      int[] ids = new int[expected.get("greedy").get("ids").size()];
      for (int i = 0; i < ids.length; i++) {
        int best = 0;
        for (int v = 1; v < logits.length; v++) {
          best = logits[v] > logits[best] ? v : best;
        }
        ids[i] = best;
        logits = decoder.accept(best);
      }
      return ids;
    }

    /** The tensors of a store as the family's files have them. */
    FloatTensor stored(ParameterStore store, Parameter parameter, StoredTensor part) {
      return new StoredLayout(parameter, part).extract(store.tensor(parameter));
    }

    @Override
    public void close() {
      pool.close();
    }
  }

  private static float[] read(Path file, String name, int... shape) throws IOException {
    FloatTensor tensor = ModelFolder.zeros(Shape.of(shape));
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      tensors.read(name, tensor);
    }
    return tensor.data();
  }

  private static double largestDifference(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 0;
    for (int i = 0; i < actual.length; i++) {
      largest = Math.max(largest, Math.abs((double) actual[i] - expected[i]));
    }
    return largest;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3", "gpt-neox"})
  void logitsLossAndGreedyTokens(String family) throws IOException {
    try (Subject subject = new Subject(family, "hf")) {
      int vocabulary = subject.transformer.config().vocabularySize();
      float[] expected =
          read(
              subject.golden.resolve("logits.safetensors"),
              "logits",
              subject.sequences,
              subject.time,
              vocabulary);
      assertThat(largestDifference(subject.logits(), expected)).isLessThan(LOGITS);
      double loss = subject.transformer.loss(subject.pass) / subject.pass.rows();
      assertThat(Math.abs(loss - subject.expected.get("loss").asDouble())).isLessThan(LOSS);
      assertThat(subject.greedy()).containsExactly(ints(subject.expected.get("greedy").get("ids")));
      assertThat(subject.notes).isEmpty();
    }
  }

  private static int[] ints(JsonNode list) {
    int[] ints = new int[list.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = list.get(i).asInt();
    }
    return ints;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3", "gpt-neox"})
  void configurationsOfBothVersionsAreOneModel(String family, @TempDir Path folder)
      throws IOException {
    Files.copy(
        ModelFolders.huggingFace(family).resolve("config-4x.json"), folder.resolve("config.json"));
    assertThat(ModelFolder.readConfig(folder))
        .isEqualTo(ModelFolder.readConfig(ModelFolders.huggingFace(family).resolve("hf")));
  }

  @ParameterizedTest
  @CsvSource({"hf-bf16, logits_bf16, bf16", "hf-f16, logits_f16, f16"})
  void shorterFloatsAreWidened(String folder, String logits, String variant) throws IOException {
    try (Subject subject = new Subject("llama-smollm2", folder)) {
      int vocabulary = subject.transformer.config().vocabularySize();
      Path file = subject.golden.resolve("logits.safetensors");
      float[] expected = read(file, logits, subject.sequences, subject.time, vocabulary);
      assertThat(largestDifference(subject.logits(), expected)).isLessThan(LOGITS);
      assertThat(subject.greedy())
          .containsExactly(ints(subject.expected.get("variants").get(variant).get("greedy_ids")));
    }
  }

  @Test
  void shardsAreOneModel() throws IOException {
    try (Subject whole = new Subject("llama-smollm2", "hf");
        Subject shards = new Subject("llama-smollm2", "hf-sharded")) {
      assertThat(shards.weights.data()).isEqualTo(whole.weights.data());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3", "gpt-neox"})
  void aFolderIsWrittenAsItWasRead(String family, @TempDir Path folder) throws IOException {
    try (Subject subject = new Subject(family, "hf")) {
      ModelFolder.weights(subject.description, subject.weights)
          .write(folder.resolve(ModelFolder.WEIGHTS));
      Files.write(
          folder.resolve(ModelFolder.CONFIGURATION),
          ModelFolder.configuration(subject.description, java.util.OptionalInt.empty()));
      assertThat(ModelFolder.readConfig(folder)).isEqualTo(subject.description);
      Path original = ModelFolders.huggingFace(family).resolve("hf").resolve(ModelFolder.WEIGHTS);
      try (SafetensorsFile expected = SafetensorsFile.open(original);
          SafetensorsFile actual = SafetensorsFile.open(folder.resolve(ModelFolder.WEIGHTS))) {
        assertThat(new TreeSet<>(actual.names())).isEqualTo(new TreeSet<>(expected.names()));
        for (Parameter parameter : subject.transformer.layout().parameters()) {
          for (StoredTensor part :
              subject.description.family().stored(subject.description.config(), parameter)) {
            FloatTensor before = subject.stored(subject.weights, parameter, part);
            FloatTensor after = ModelFolder.zeros(before.shape());
            actual.read(part.name(), after);
            assertThat(after.data()).as(part.name()).isEqualTo(before.data());
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3", "gpt-neox"})
  void gradientsAndThreeSteps(String family) throws IOException {
    try (Subject subject = new Subject(family, "hf")) {
      ParameterStore gradients = ParameterStore.ofTrainable(subject.transformer.layout());
      ParameterStore first = ParameterStore.ofTrainable(subject.transformer.layout());
      ParameterStore second = ParameterStore.ofTrainable(subject.transformer.layout());
      JsonNode adamw = subject.expected.get("adamw");
      for (int step = 0; step < adamw.get("steps").asInt(); step++) {
        double loss = lossAndGradients(subject, gradients);
        double before =
            adamw.get("losses_before_each_step_and_after_the_last").get(step).asDouble();
        assertThat(Math.abs(loss - before)).as("loss before step %d", step).isLessThan(LOSS);
        if (step == 0) {
          compareGradients(subject, gradients);
        }
        double norm = norm(gradients);
        double expected = adamw.get("grad_norms_before_clip").get(step).asDouble();
        assertThat(Math.abs(norm / expected - 1)).as("norm of step %d", step).isLessThan(NORMS);
        update(subject, adamw, step + 1, norm, gradients, first, second);
      }
      compareStep(subject);
    }
  }

  private static double lossAndGradients(Subject subject, ParameterStore gradients) {
    subject.panels.pack(subject.pool, subject.weights);
    subject.pass.bind(subject.weights, subject.panels, gradients);
    float scale = 1f / subject.pass.rows();
    return subject.transformer.lossAndGradients(subject.pass, scale) / subject.pass.rows();
  }

  private static double norm(ParameterStore gradients) {
    double sum = 0;
    for (float g : gradients.data()) {
      sum += (double) g * g;
    }
    return Math.sqrt(sum);
  }

  private void update(
      Subject subject,
      JsonNode adamw,
      int t,
      double norm,
      ParameterStore gradients,
      ParameterStore first,
      ParameterStore second) {
    double clip = adamw.get("clip").asDouble();
    AdamWUpdate.Step scalars =
        AdamWUpdate.Step.of(
            adamw.get("lr").asDouble(),
            adamw.get("beta1").asDouble(),
            adamw.get("beta2").asDouble(),
            adamw.get("eps").asDouble(),
            Math.min(1, clip / (norm + 1e-6)),
            t);
    for (Parameter parameter : subject.transformer.layout().trainable()) {
      boolean decays = parameter.role() != Role.GAIN && parameter.role() != Role.BIAS;
      kernels
          .adamW()
          .update(
              scalars,
              decays ? (float) adamw.get("weight_decay").asDouble() : 0f,
              parameter.size(),
              subject.transformer.layout().offset(parameter),
              subject.weights.data(),
              gradients.data(),
              gradients.offset(parameter),
              first.data(),
              second.data());
    }
  }

  private static void compareGradients(Subject subject, ParameterStore gradients)
      throws IOException {
    try (SafetensorsFile golden =
        SafetensorsFile.open(subject.golden.resolve("grads.safetensors"))) {
      for (Parameter parameter : subject.transformer.layout().parameters()) {
        for (StoredTensor part :
            subject.description.family().stored(subject.description.config(), parameter)) {
          FloatTensor actual = subject.stored(gradients, parameter, part);
          FloatTensor expected = ModelFolder.zeros(actual.shape());
          golden.read(part.name(), expected);
          double largest = largestDifference(expected.data(), new float[expected.size()]);
          assertThat(largestDifference(actual.data(), expected.data()))
              .as("gradient of %s", part.name())
              .isLessThanOrEqualTo(GRADIENTS * largest);
        }
      }
    }
  }

  private static void compareStep(Subject subject) throws IOException {
    JsonNode shaky = subject.expected.get("step3_shaky_elements");
    try (SafetensorsFile golden =
        SafetensorsFile.open(subject.golden.resolve("step3.safetensors"))) {
      for (Parameter parameter : subject.transformer.layout().parameters()) {
        for (StoredTensor part :
            subject.description.family().stored(subject.description.config(), parameter)) {
          float[] actual = subject.stored(subject.weights, parameter, part).data();
          FloatTensor expected = ModelFolder.zeros(new StoredLayout(parameter, part).shape());
          golden.read(part.name(), expected);
          assertThat(largestDifference(actual, expected.data())).isLessThan(SHAKY_STEP);
          for (JsonNode run : shaky.path(part.name())) {
            for (int i = run.get(0).asInt(); i < run.get(1).asInt(); i++) {
              actual[i] = expected.data()[i];
            }
          }
          assertThat(largestDifference(actual, expected.data()))
              .as("%s after three steps", part.name())
              .isLessThan(STEP);
        }
      }
    }
  }
}
