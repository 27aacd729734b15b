package dev.lanewise.bench.peers;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.settings.Settings;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A training step on PyTorch: forward, loss, backward, clipping, AdamW. */
final class TorchTrainer {

  private final Settings config;
  private final boolean autocast;
  private final TorchGpt model;
  private final TorchAdamW optimizer;
  private Tensor ids;
  private Tensor targets;
  private double loss;
  private double gradientNorm;

  /**
   * Makes a model with random weights.
   *
   * @param autocast whether PyTorch has been told to round products' factors
   */
  TorchTrainer(Settings config, Transformer plan, boolean autocast) {
    this.config = config;
    this.autocast = autocast;
    this.model = new TorchGpt(plan.config(), plan.layout());
    this.optimizer = new TorchAdamW(config, model.parameters());
  }

  /** Takes over the weights of a Lanewise model. */
  void copyFrom(ParameterStore weights) {
    model.copyFrom(weights);
  }

  /** Sets the tokens of the steps that follow: windows of context + 1 ids, one after another. */
  void feed(int[] windows) {
    int time = config.model().context();
    long[] inputs = new long[config.step().batch() * time];
    long[] outputs = new long[inputs.length];
    for (int i = 0; i < inputs.length; i++) {
      int at = i / time * (time + 1) + i % time;
      inputs[i] = windows[at];
      outputs[i] = windows[at + 1];
    }
    ids = AbstractTensor.create(inputs, config.step().batch(), time);
    targets = AbstractTensor.create(outputs, outputs.length);
  }

  /** Takes one step. */
  void step(double learningRate) {
    try (PointerScope scope = new PointerScope()) {
      Tensor mean = model.loss(ids, targets, config.model().dropout() > 0);
      mean.backward();
      loss = mean.item_double();
      gradientNorm = optimizer.gradientNorm();
      optimizer.update(learningRate, gradientNorm);
      if (autocast) {
        // It keeps rounded weights, which have now changed.
        torch.clear_cache();
      }
    }
  }

  /** Returns the mean loss of the last step, before its update, in nats per token. */
  double loss() {
    return loss;
  }

  /** Returns the norm of the last step's gradient, before clipping. */
  double gradientNorm() {
    return gradientNorm;
  }
}
