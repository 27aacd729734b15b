package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.model.memory.Adaptation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters that PEFT made against what it computes with them in float64. */
class GoldenAdapterTest {

  private static final double GRADIENTS = 1e-4;
  private static final double STEP = 1e-5;
  private static final double SHAKY_STEP = 3.2e-3;

  private static GoldenModel subject(String family) throws IOException {
    return new GoldenModel(family, "hf", "lora/adapter");
  }

  private static Path golden(GoldenModel subject, String file) {
    return subject.adapter.resolveSibling(file);
  }

  private static JsonNode expected(GoldenModel subject) throws IOException {
    return new ObjectMapper().readTree(golden(subject, "golden.json").toFile());
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama-smollm2", "qwen2"})
  void logitsLossAndGreedyTokens(String family) throws IOException {
    try (GoldenModel subject = subject(family)) {
      JsonNode expected = expected(subject);
      assertThat(subject.transformer.layout().trainableSize())
          .isEqualTo(expected.get("trainable_parameters").asInt());
      assertLogits(subject);
      double loss = subject.transformer.loss(subject.pass) / subject.pass.rows();
      assertThat(Math.abs(loss - expected.get("loss").asDouble())).isLessThan(GoldenModel.LOSS);
      assertThat(subject.greedy(expected.get("greedy")))
          .containsExactly(GoldenModel.ints(expected.get("greedy").get("ids")));
    }
  }

  private static void assertLogits(GoldenModel subject) throws IOException {
    int vocabulary = subject.transformer.config().vocabularySize();
    float[] logits =
        GoldenModel.read(
            golden(subject, "logits.safetensors"),
            "logits",
            subject.sequences,
            subject.time,
            vocabulary);
    assertThat(GoldenModel.largestDifference(subject.logits(), logits))
        .isLessThan(GoldenModel.LOGITS);
  }

  /** Merged into the weights it is the same model within rounding. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama-smollm2", "qwen2"})
  void mergedIsUnmerged(String family) throws IOException {
    try (GoldenModel adapted = subject(family);
        GoldenModel plain = new GoldenModel(family, "hf")) {
      AdapterFolder.merge(adapted.adaptation, adapted.weights, plain.weights);
      plain.panels.pack(plain.pool, plain.weights);

      assertThat(GoldenModel.largestDifference(plain.logits(), adapted.logits()))
          .isLessThan(GoldenModel.LOGITS);
      JsonNode greedy = expected(adapted).get("greedy");
      assertThat(plain.greedy(greedy)).containsExactly(GoldenModel.ints(greedy.get("ids")));
      Path merged = golden(adapted, "merged.safetensors");
      try (SafetensorsFile tensors = SafetensorsFile.open(merged)) {
        int found = 0;
        for (AdapterConfig.Module module : AdapterConfig.modules(plain.description)) {
          Parameter weight = plain.transformer.layout().parameter(module.weight().name());
          FloatTensor actual = plain.stored(plain.weights, weight, module.stored());
          FloatTensor expected = ModelFolder.zeros(actual.shape());
          tensors.read(module.stored().name(), expected);
          assertThat(GoldenModel.largestDifference(actual.data(), expected.data()))
              .as(module.path())
              .isLessThan(1e-7);
          found++;
        }
        assertThat(found).isEqualTo(tensors.names().size());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama-smollm2", "qwen2"})
  void gradientsAndThreeSteps(String family) throws IOException {
    try (GoldenModel subject = subject(family)) {
      ParameterStore gradients = ParameterStore.ofTrainable(subject.transformer.layout());
      ParameterStore first = gradients.emptyCopy();
      ParameterStore second = gradients.emptyCopy();
      JsonNode adamw = expected(subject).get("adamw");
      for (int step = 0; step < adamw.get("steps").asInt(); step++) {
        subject.panels.pack(subject.pool, subject.weights);
        subject.pass.bind(subject.weights, subject.panels, gradients);
        int rows = subject.pass.rows();
        double loss = subject.transformer.lossAndGradients(subject.pass, 1f / rows) / rows;
        JsonNode losses = adamw.get("losses_before_each_step_and_after_the_last");
        assertThat(Math.abs(loss - losses.get(step).asDouble())).isLessThan(GoldenModel.LOSS);
        if (step == 0) {
          assertGradients(subject, gradients);
        }
        double norm = GoldenModel.norm(gradients);
        double expected = adamw.get("grad_norms_before_clip").get(step).asDouble();
        assertThat(Math.abs(norm / expected - 1)).isLessThan(GoldenModel.NORMS);
        update(subject, adamw, step + 1, norm, gradients, first, second);
      }
      assertStep(subject);
    }
  }

  private static void update(
      GoldenModel subject,
      JsonNode adamw,
      int t,
      double norm,
      ParameterStore gradients,
      ParameterStore first,
      ParameterStore second) {
    AdamWUpdate.Step scalars =
        AdamWUpdate.Step.of(
            adamw.get("lr").asDouble(),
            adamw.get("beta1").asDouble(),
            adamw.get("beta2").asDouble(),
            adamw.get("eps").asDouble(),
            Math.min(1, adamw.get("clip").asDouble() / (norm + 1e-6)),
            t);
    GoldenModel.KERNELS
        .adamW()
        .update(
            scalars,
            (float) adamw.get("weight_decay").asDouble(),
            gradients.data().length,
            0,
            subject.weights.data(),
            gradients.data(),
            0,
            first.data(),
            second.data());
  }

  /** The tensors of a store as PEFT has them. */
  private static Map<String, FloatTensor> tensors(GoldenModel subject, ParameterStore store) {
    Map<String, FloatTensor> tensors = new TreeMap<>();
    var modules = AdapterFolder.modules(subject.description);
    for (Adaptation.Part part : subject.adaptation.parts(subject.transformer.layout())) {
      AdapterFolder.Matrices matrices =
          new AdapterFolder.Matrices(modules, part, subject.adaptation.rank());
      for (AdapterFolder.FileTensor tensor : matrices.tensors()) {
        tensors.put(tensor.name(), matrices.extract(tensor, store));
      }
    }
    return tensors;
  }

  private static void assertGradients(GoldenModel subject, ParameterStore gradients)
      throws IOException {
    Map<String, FloatTensor> found = tensors(subject, gradients);
    try (SafetensorsFile golden = SafetensorsFile.open(golden(subject, "grads.safetensors"))) {
      for (Map.Entry<String, FloatTensor> each : found.entrySet()) {
        FloatTensor expected = ModelFolder.zeros(each.getValue().shape());
        golden.read(each.getKey(), expected);
        double largest = GoldenModel.largestDifference(expected.data(), new float[expected.size()]);
        assertThat(GoldenModel.largestDifference(each.getValue().data(), expected.data()))
            .as("gradient of %s", each.getKey())
            .isLessThanOrEqualTo(GRADIENTS * largest);
      }
    }
  }

  private static void assertStep(GoldenModel subject) throws IOException {
    JsonNode shaky = expected(subject).get("step3_shaky_elements");
    Map<String, FloatTensor> found = tensors(subject, subject.weights);
    try (SafetensorsFile golden = SafetensorsFile.open(golden(subject, "step3.safetensors"))) {
      for (Map.Entry<String, FloatTensor> each : found.entrySet()) {
        float[] actual = each.getValue().data();
        FloatTensor expected = ModelFolder.zeros(each.getValue().shape());
        golden.read(each.getKey(), expected);
        assertThat(GoldenModel.largestDifference(actual, expected.data())).isLessThan(SHAKY_STEP);
        for (JsonNode run : shaky.path(each.getKey())) {
          for (int i = run.get(0).asInt(); i < run.get(1).asInt(); i++) {
            actual[i] = expected.data()[i];
          }
        }
        assertThat(GoldenModel.largestDifference(actual, expected.data()))
            .as("%s after three steps", each.getKey())
            .isLessThan(STEP);
      }
    }
  }

  /** What is read is written with the same names, shapes and numbers. */
  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "llama-smollm2", "qwen2"})
  void anAdapterIsWrittenAsItWasRead(String family, @TempDir Path folder) throws IOException {
    try (GoldenModel subject = subject(family)) {
      AdapterConfig config = AdapterFolder.readConfig(subject.adapter, subject.description);
      SafetensorsWriter writer =
          AdapterFolder.weights(
              subject.description, subject.adaptation, subject.weights, "a digest");
      writer.write(folder.resolve(AdapterFolder.WEIGHTS));
      Files.write(
          folder.resolve(AdapterFolder.CONFIGURATION),
          AdapterFolder.configuration(subject.description, config));

      assertThat(AdapterFolder.readConfig(folder, subject.description)).isEqualTo(config);
      assertThat(AdapterFolder.baseDigest(folder)).hasValue("a digest");
      assertThat(AdapterFolder.baseDigest(subject.adapter)).isEmpty();
      Transformer transformer = subject.transformer;
      float[] again =
          AdapterFolder.readWeights(
                  folder, subject.description, subject.adaptation, transformer.layout())
              .data();
      assertThat(again).startsWith(Arrays.copyOf(subject.weights.data(), again.length));
      JsonNode ours = json(folder);
      JsonNode theirs = json(subject.adapter);
      assertThat(tensors(subject, subject.weights).keySet()).isEqualTo(names(folder));
      assertThat(names(folder)).isEqualTo(names(subject.adapter));
      ours.fieldNames()
          .forEachRemaining(
              name -> assertThat(ours.get(name)).as(name).isEqualTo(theirs.get(name)));
    }
  }

  private static Set<String> names(Path folder) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterFolder.WEIGHTS))) {
      return new TreeSet<>(file.names());
    }
  }

  private static JsonNode json(Path folder) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(AdapterFolder.CONFIGURATION).toFile());
  }
}
