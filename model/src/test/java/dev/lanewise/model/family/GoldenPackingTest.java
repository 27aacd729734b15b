package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.memory.Batch;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Documents that share a window, and targets that do not count, against what transformers computes
 * in float64.
 */
class GoldenPackingTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3", "gpt-neox"})
  void logitsLossAndGradients(String family) throws IOException {
    try (GoldenModel model = new GoldenModel(family, "hf")) {
      for (JsonNode packed : model.expected.get("packed")) {
        int[] ids = GoldenModel.ints(packed.get("input_ids"));
        int[] targets = GoldenModel.ints(packed.get("targets"));
        int[] lengths = GoldenModel.ints(packed.get("document_lengths"));
        model.pass.batch().takeDocuments(ids, targets, 0, lengths, 0, lengths.length);
        assertLogits(model, packed, ids.length);
        assertLossAndGradients(model, packed);
      }
    }
  }

  private static void assertLogits(GoldenModel model, JsonNode packed, int rows)
      throws IOException {
    Path file = model.golden.resolve("logits.safetensors");
    int vocabulary = model.transformer.config().vocabularySize();
    String name = packed.get("logits").asText();
    float[] expected = GoldenModel.read(file, name, rows, vocabulary);
    assertThat(GoldenModel.largestDifference(model.logits(), expected))
        .isLessThan(GoldenModel.LOGITS);
  }

  private static void assertLossAndGradients(GoldenModel model, JsonNode packed)
      throws IOException {
    int counted = model.pass.batch().counted();
    assertThat(counted).isEqualTo(packed.get("counted").asInt());
    ParameterStore gradients = ParameterStore.ofTrainable(model.transformer.layout());
    model.pass.bind(model.weights, model.panels, gradients);
    double loss = model.transformer.lossAndGradients(model.pass, 1f / counted) / counted;
    assertThat(Math.abs(loss - packed.get("loss").asDouble())).isLessThan(GoldenModel.LOSS);
    double norm = GoldenModel.norm(gradients) / packed.get("grad_norm").asDouble();
    assertThat(Math.abs(norm - 1)).isLessThan(GoldenModel.NORMS);
    if (packed.has("grads")) {
      model.assertGradients(packed.get("grads").asText(), gradients);
    }
  }

  /** Two micro-batches, of which one counts more than the other, or nothing. */
  @ParameterizedTest
  @ValueSource(
      strings = {"gpt2", "llama-smollm2", "llama3", "mistral", "qwen2", "qwen3", "gpt-neox"})
  void targetsThatDoNotCount(String family) throws IOException {
    try (GoldenModel model = new GoldenModel(family, "hf")) {
      JsonNode masked = model.expected.get("masked");
      for (JsonNode some : new JsonNode[] {masked, masked.get("row_1_blind")}) {
        int[][] targets = new int[model.sequences][];
        int counted = 0;
        for (int s = 0; s < targets.length; s++) {
          targets[s] = GoldenModel.ints(some.get("targets").get(s));
          counted += Batch.counted(targets[s], 0, model.time);
        }
        ParameterStore gradients = ParameterStore.ofTrainable(model.transformer.layout());
        model.pass.bind(model.weights, model.panels, gradients);
        double loss = 0;
        for (int s = 0; s < targets.length; s++) {
          int[] ids = GoldenModel.ints(model.expected.get("input_ids").get(s));
          model.pass.batch().takeRows(ids, targets[s], 0, 1, model.time);
          loss += model.transformer.lossAndGradients(model.pass, 1f / counted) / counted;
        }
        assertThat(Math.abs(loss - some.get("loss").asDouble())).isLessThan(GoldenModel.LOSS);
        double norm = GoldenModel.norm(gradients) / some.get("grad_norm").asDouble();
        assertThat(Math.abs(norm - 1)).isLessThan(GoldenModel.NORMS);
      }
    }
  }
}
