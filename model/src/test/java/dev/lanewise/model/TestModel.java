package dev.lanewise.model;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.layer.Pass;
import dev.lanewise.model.layer.WeightPanels;

/** A small model with random weights, ready to run. */
final class TestModel {

  static final long SEED = 11;

  final Gpt gpt;
  final ParameterStore weights;
  final ParameterStore gradients;
  final WeightPanels panels;
  final Pass pass;

  TestModel(GptConfig config, KernelSet kernels, int sequencesPerPass) {
    this.gpt = new Gpt(config, kernels, sequencesPerPass);
    this.weights = randomWeights();
    this.gradients = new ParameterStore(gpt.layout());
    this.panels = gpt.newPanels(true);
    try (WorkerPool pool = new WorkerPool(2)) {
      panels.pack(pool, weights.data());
    }
    this.pass = gpt.newPass();
    bind();
  }

  /** Makes the next backward the first one. */
  void bind() {
    pass.bind(weights.data(), panels, gradients.data());
  }

  /** Sizes that no vector divides. */
  static GptConfig config(boolean biases, boolean tiedHead, float dropout) {
    return new GptConfig(67, 13, 36, 3, 2, 90, biases, tiedHead, dropout);
  }

  /** So great that softmax, GELU and biases all matter. */
  private ParameterStore randomWeights() {
    ParameterStore store = new ParameterStore(gpt.layout());
    for (Parameter parameter : gpt.layout().parameters()) {
      RandomStream random = new RandomStream(SEED, RandomStream.DIAGNOSTICS, parameter.index());
      boolean gain = !parameter.isMatrix() && parameter.name().endsWith(".weight");
      for (int i = 0; i < parameter.size(); i++) {
        double value = (gain ? 1 : 0) + 0.2 * random.nextGaussian();
        store.data()[parameter.offset() + i] = (float) value;
      }
    }
    return store;
  }

  int[] randomWindows(int sequences, int time) {
    RandomStream random = new RandomStream(SEED, RandomStream.DIAGNOSTICS, -1);
    int[] windows = new int[sequences * (time + 1)];
    for (int i = 0; i < windows.length; i++) {
      windows[i] = random.nextInt(gpt.config().vocabularySize());
    }
    return windows;
  }
}
