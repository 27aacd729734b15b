package dev.lanewise.bench.peers;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.step.TrainerParts;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * Shows that both sides of the comparison do the same work: trained from the same weights on the
 * same tokens, they have the same losses and gradient norms, step after step. Dropout is off,
 * because each side has random numbers of its own.
 */
final class SameModel {

  private static final int STEPS = 5;
  private static final double LOSS_TOLERANCE = 1e-4;
  private static final double NORM_TOLERANCE = 1e-3;

  private SameModel() {}

  /**
   * Trains both for some steps and prints a line for each.
   *
   * @return whether they agree
   */
  static boolean compare(Settings preset, int threads, PrintWriter out) {
    // No warmup, so that the steps are long enough to show a difference of optimizers.
    Settings config =
        ConfigLayer.empty()
            .with(ConfigKey.DROPOUT, 0.0)
            .with(ConfigKey.WARMUP, 0L)
            .over(ConfigLayer.of(preset))
            .toSettings();
    KernelSet kernels = VectorKernels.create();
    Transformer transformer =
        new Transformer(
            config.model().description(config.text().vocabulary()).config(),
            kernels,
            Trainer.sequencesPerPass(config));
    ParameterStore weights = transformer.initialize(config.step().seed());
    TorchTrainer torch = new TorchTrainer(config, transformer, false);
    torch.copyFrom(weights);
    int[] windows = PyTorchStep.randomWindows(config);
    torch.feed(windows);
    boolean agree = true;
    try (WorkerPool pool = new WorkerPool(threads)) {
      Trainer trainer = new Trainer(TrainerParts.of(config, transformer, kernels, pool, weights));
      for (int step = 0; step < STEPS; step++) {
        trainer.step(step, new int[][] {windows});
        torch.step(trainer.learningRate());
        double lossError = relative(trainer.loss(), torch.loss());
        double normError = relative(trainer.gradientNorm(), torch.gradientNorm());
        out.printf(
            Locale.ROOT,
            "step=%d lanewise_loss=%.7f pytorch_loss=%.7f difference=%.1e"
                + " lanewise_norm=%.6f pytorch_norm=%.6f difference=%.1e%n",
            step,
            trainer.loss(),
            torch.loss(),
            lossError,
            trainer.gradientNorm(),
            torch.gradientNorm(),
            normError);
        agree &= lossError <= LOSS_TOLERANCE && normError <= NORM_TOLERANCE;
      }
    }
    out.println(agree ? "the same model" : "NOT the same model");
    out.flush();
    return agree;
  }

  private static double relative(double expected, double actual) {
    return Math.abs(actual - expected) / Math.abs(expected);
  }
}
