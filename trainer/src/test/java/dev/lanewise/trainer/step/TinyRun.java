package dev.lanewise.trainer.step;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.GptConfig;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.settings.TokenizerKind;

/** A model small enough to train within a test, on tokens that follow a rule. */
final class TinyRun {

  static final int VOCABULARY = 29;

  final Settings config;
  final Gpt gpt;
  final ParameterStore weights;
  final Trainer trainer;

  TinyRun(KernelSet kernels, WorkerPool pool, int shards, int accumulation, double dropout) {
    this(kernels, pool, 6, shards, accumulation, dropout);
  }

  TinyRun(
      KernelSet kernels, WorkerPool pool, int batch, int shards, int accumulation, double dropout) {
    config =
        new Settings(
            TokenizerKind.CHAR,
            VOCABULARY,
            13,
            20,
            2,
            2,
            36,
            true,
            true,
            dropout,
            batch,
            accumulation,
            shards,
            1000,
            3e-3,
            1e-4,
            5,
            0.9,
            0.99,
            1e-8,
            0.1,
            1.0,
            7,
            10,
            10,
            2,
            "",
            0);
    GptConfig shape =
        new GptConfig(
            VOCABULARY,
            config.model().context(),
            config.model().width(),
            config.model().heads(),
            config.model().layers(),
            config.model().feedForwardWidth(),
            config.model().biases(),
            config.model().tiedHead(),
            (float) config.model().dropout());
    gpt = new Gpt(shape, kernels, Trainer.sequencesPerPass(config));
    weights = gpt.initialize(config.step().seed());
    trainer = new Trainer(config, gpt, kernels, pool, weights);
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
