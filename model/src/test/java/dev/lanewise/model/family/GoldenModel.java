package dev.lanewise.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.io.SafetensorsFile;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A tiny model, its weights, what transformers computes on it in float64, and how far that may be.
 */
final class GoldenModel implements AutoCloseable {

  static final KernelSet KERNELS = VectorKernels.create();

  static final double LOGITS = 2e-5;
  static final double LOSS = 1e-5;
  static final double NORMS = 1e-5;
  private static final double GRADIENTS = 1e-4;

  final Path golden;
  final JsonNode expected;
  final ModelDescription description;
  final int sequences;
  final int time;
  final Path adapter;
  final Adaptation adaptation;
  final Transformer transformer;
  final ParameterStore weights;
  final WeightPanels panels;
  final Pass pass;
  final WorkerPool pool = new WorkerPool(1);
  final List<String> notes = new ArrayList<>();

  GoldenModel(String family, String folder) throws IOException {
    this(family, folder, null);
  }

  /** With the adapter of a folder, or none. */
  GoldenModel(String family, String folder, String adapter) throws IOException {
    Path home = ModelFolders.huggingFace(family);
    this.golden = home.resolve("golden");
    this.expected = new ObjectMapper().readTree(golden.resolve("golden.json").toFile());
    this.sequences = expected.get("input_ids").size();
    this.time = expected.get("input_ids").get(0).size();
    this.description = ModelFolder.readConfig(home.resolve(folder));
    this.adapter = adapter == null ? null : home.resolve(adapter);
    this.adaptation =
        adapter == null
            ? Adaptation.NONE
            : AdapterFolder.readConfig(this.adapter, description).adaptation(description);
    int context = description.config().contextLength();
    this.transformer =
        new Transformer(description.config(), KERNELS, sequences, context, adaptation);
    this.weights =
        ModelFolder.readWeights(home.resolve(folder), description, transformer, notes::add);
    if (adapter != null) {
      float[] added =
          AdapterFolder.readWeights(this.adapter, description, adaptation, transformer.layout())
              .data();
      System.arraycopy(added, 0, weights.data(), 0, added.length);
    }
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
    return greedy(expected.get("greedy"));
  }

  int[] greedy(JsonNode greedy) {
    JsonNode prompt = greedy.get("prompt");
    Decoder decoder = transformer.newDecoder(weights, panels, pool);
    float[] logits = null;
    for (JsonNode id : prompt) {
      logits = decoder.accept(id.asInt());
    }
    int[] ids = new int[greedy.get("ids").size()];
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

  /** Compares gradients with those of a file beside the golden values. */
  void assertGradients(String file, ParameterStore gradients) throws IOException {
    try (SafetensorsFile tensors = SafetensorsFile.open(golden.resolve(file))) {
      for (Parameter parameter : transformer.layout().parameters()) {
        for (StoredTensor part : description.family().stored(description.config(), parameter)) {
          FloatTensor actual = stored(gradients, parameter, part);
          FloatTensor expected = ModelFolder.zeros(actual.shape());
          tensors.read(part.name(), expected);
          double largest = largestDifference(expected.data(), new float[expected.size()]);
          assertThat(largestDifference(actual.data(), expected.data()))
              .as("gradient of %s", part.name())
              .isLessThanOrEqualTo(GRADIENTS * largest);
        }
      }
    }
  }

  static float[] read(Path file, String name, int... shape) throws IOException {
    FloatTensor tensor = ModelFolder.zeros(Shape.of(shape));
    try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
      tensors.read(name, tensor);
    }
    return tensor.data();
  }

  static double largestDifference(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 0;
    for (int i = 0; i < actual.length; i++) {
      largest = Math.max(largest, Math.abs((double) actual[i] - expected[i]));
    }
    return largest;
  }

  static int[] ints(JsonNode list) {
    int[] ints = new int[list.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = list.get(i).asInt();
    }
    return ints;
  }

  static double norm(ParameterStore gradients) {
    double sum = 0;
    for (float g : gradients.data()) {
      sum += (double) g * g;
    }
    return Math.sqrt(sum);
  }
}
