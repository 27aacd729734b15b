package dev.lanewise.trainer.step;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;

/** A model small enough to train within a test, on tokens that follow a rule. */
final class TinyRun {

  static final int VOCABULARY = 29;

  final Settings config;
  final Transformer transformer;
  final ParameterStore weights;
  final Trainer trainer;

  TinyRun(KernelSet kernels, WorkerPool pool, int shards, int accumulation, double dropout) {
    this(kernels, pool, 6, shards, accumulation, dropout);
  }

  TinyRun(
      KernelSet kernels, WorkerPool pool, int batch, int shards, int accumulation, double dropout) {
    this(kernels, pool, batch, shards, accumulation, dropout, Use.TRAINING);
  }

  TinyRun(
      KernelSet kernels,
      WorkerPool pool,
      int batch,
      int shards,
      int accumulation,
      double dropout,
      Use use) {
    config =
        Preset.SHAKESPEARE_CHAR
            .layer()
            .with(ConfigKey.VOCABULARY, VOCABULARY)
            .with(ConfigKey.CONTEXT, 13)
            .with(ConfigKey.D_MODEL, 20)
            .with(ConfigKey.HEADS, 2)
            .with(ConfigKey.LAYERS, 2)
            .with(ConfigKey.D_FF, 36)
            .with(ConfigKey.BIASES, true)
            .with(ConfigKey.TIED_HEAD, true)
            .with(ConfigKey.DROPOUT, dropout)
            .with(ConfigKey.BATCH, batch)
            .with(ConfigKey.ACCUMULATION, accumulation)
            .with(ConfigKey.SHARDS, shards)
            .with(ConfigKey.STEPS, 1000L)
            .with(ConfigKey.LR, 3e-3)
            .with(ConfigKey.MIN_LR, 1e-4)
            .with(ConfigKey.WARMUP, 5L)
            .with(ConfigKey.BETA1, 0.9)
            .with(ConfigKey.BETA2, 0.99)
            .with(ConfigKey.EPSILON, 1e-8)
            .with(ConfigKey.WEIGHT_DECAY, 0.1)
            .with(ConfigKey.CLIP, 1.0)
            .with(ConfigKey.SEED, 7L)
            .toSettings();
    transformer =
        new Transformer(
            config.model().description(VOCABULARY).config(),
            kernels,
            Trainer.sequencesPerPass(config));
    weights = transformer.initialize(config.step().seed());
    trainer =
        new Trainer(
            config,
            Optimizers.STANDARD,
            Schedules.STANDARD,
            transformer,
            kernels,
            pool,
            weights,
            use);
  }

  /** Windows in which each token is the one before plus a stride that the window has. */
  int[][] batch(long step) {
    int window = config.model().context() + 1;
    int[][] micro = new int[config.step().accumulation()][config.step().batch() * window];
    for (int a = 0; a < micro.length; a++) {
      for (int s = 0; s < config.step().batch(); s++) {
        int stride = 1 + (s + a) % 3;
        for (int t = 0; t < window; t++) {
          micro[a][s * window + t] = (int) ((step * 5 + s + (long) t * stride) % VOCABULARY);
        }
      }
    }
    return micro;
  }
}
