package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.model.io.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static final double STEP = 1e-5;
  private static final double SHAKY_STEP = 3.2e-3;

  @ParameterizedTest
  @ValueSource(
      strings = {"gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3", "gpt-neox"})
  void logitsLossAndGreedyTokens(String family) throws IOException {
    try (GoldenModel subject = new GoldenModel(family, "hf")) {
      int vocabulary = subject.transformer.config().vocabularySize();
      float[] expected =
          GoldenModel.read(
              subject.golden.resolve("logits.safetensors"),
              "logits",
              subject.sequences,
              subject.time,
              vocabulary);
      assertThat(GoldenModel.largestDifference(subject.logits(), expected))
          .isLessThan(GoldenModel.LOGITS);
      double loss = subject.transformer.loss(subject.pass) / subject.pass.rows();
      assertThat(Math.abs(loss - subject.expected.get("loss").asDouble()))
          .isLessThan(GoldenModel.LOSS);
      assertThat(subject.greedy())
          .containsExactly(GoldenModel.ints(subject.expected.get("greedy").get("ids")));
      assertThat(subject.notes).isEmpty();
    }
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
    try (GoldenModel subject = new GoldenModel("llama-smollm2", folder)) {
      int vocabulary = subject.transformer.config().vocabularySize();
      Path file = subject.golden.resolve("logits.safetensors");
      float[] expected =
          GoldenModel.read(file, logits, subject.sequences, subject.time, vocabulary);
      assertThat(GoldenModel.largestDifference(subject.logits(), expected))
          .isLessThan(GoldenModel.LOGITS);
      assertThat(subject.greedy())
          .containsExactly(
              GoldenModel.ints(subject.expected.get("variants").get(variant).get("greedy_ids")));
    }
  }

  @Test
  void shardsAreOneModel() throws IOException {
    try (GoldenModel whole = new GoldenModel("llama-smollm2", "hf");
        GoldenModel shards = new GoldenModel("llama-smollm2", "hf-sharded")) {
      assertThat(shards.weights.data()).isEqualTo(whole.weights.data());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3", "gpt-neox"})
  void aFolderIsWrittenAsItWasRead(String family, @TempDir Path folder) throws IOException {
    try (GoldenModel subject = new GoldenModel(family, "hf")) {
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
    try (GoldenModel subject = new GoldenModel(family, "hf")) {
      ParameterStore gradients = ParameterStore.ofTrainable(subject.transformer.layout());
      ParameterStore first = ParameterStore.ofTrainable(subject.transformer.layout());
      ParameterStore second = ParameterStore.ofTrainable(subject.transformer.layout());
      JsonNode adamw = subject.expected.get("adamw");
      for (int step = 0; step < adamw.get("steps").asInt(); step++) {
        double loss = lossAndGradients(subject, gradients);
        double before =
            adamw.get("losses_before_each_step_and_after_the_last").get(step).asDouble();
        assertThat(Math.abs(loss - before))
            .as("loss before step %d", step)
            .isLessThan(GoldenModel.LOSS);
        if (step == 0) {
          subject.assertGradients("grads.safetensors", gradients);
        }
        double norm = GoldenModel.norm(gradients);
        double expected = adamw.get("grad_norms_before_clip").get(step).asDouble();
        assertThat(Math.abs(norm / expected - 1))
            .as("norm of step %d", step)
            .isLessThan(GoldenModel.NORMS);
        update(subject, adamw, step + 1, norm, gradients, first, second);
      }
      compareStep(subject);
    }
  }

  private static double lossAndGradients(GoldenModel subject, ParameterStore gradients) {
    subject.panels.pack(subject.pool, subject.weights);
    subject.pass.bind(subject.weights, subject.panels, gradients);
    float scale = 1f / subject.pass.rows();
    return subject.transformer.lossAndGradients(subject.pass, scale) / subject.pass.rows();
  }

  private static void update(
      GoldenModel subject,
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
      GoldenModel.KERNELS
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

  private static void compareStep(GoldenModel subject) throws IOException {
    JsonNode shaky = subject.expected.get("step3_shaky_elements");
    try (SafetensorsFile golden =
        SafetensorsFile.open(subject.golden.resolve("step3.safetensors"))) {
      for (Parameter parameter : subject.transformer.layout().parameters()) {
        for (StoredTensor part :
            subject.description.family().stored(subject.description.config(), parameter)) {
          float[] actual = subject.stored(subject.weights, parameter, part).data();
          FloatTensor expected = ModelFolder.zeros(new StoredLayout(parameter, part).shape());
          golden.read(part.name(), expected);
          assertThat(GoldenModel.largestDifference(actual, expected.data())).isLessThan(SHAKY_STEP);
          for (JsonNode run : shaky.path(part.name())) {
            for (int i = run.get(0).asInt(); i < run.get(1).asInt(); i++) {
              actual[i] = expected.data()[i];
            }
          }
          assertThat(GoldenModel.largestDifference(actual, expected.data()))
              .as("%s after three steps", part.name())
              .isLessThan(STEP);
        }
      }
    }
  }
}
