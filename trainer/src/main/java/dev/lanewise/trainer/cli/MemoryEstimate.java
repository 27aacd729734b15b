package dev.lanewise.trainer.cli;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.model.Gpt;
import dev.lanewise.trainer.config.TrainingConfig;
import dev.lanewise.trainer.loop.Trainer;
import java.util.Locale;

/** How much heap a run will take, so that one that cannot fit does not begin. */
final class MemoryEstimate {

  /** Weights; mean and mean square of gradients; a copy of these three for checkpoints. */
  private static final int COPIES = 6;

  private static final long REST = 64L << 20;

  private MemoryEstimate() {}

  /**
   * Estimates the bytes of a run: weights, their packed form for forward and backward, gradients of
   * each shard, moments, a copy for checkpoints, activations of each worker, and keys and values
   * for samples.
   */
  static long bytes(TrainingConfig config, Gpt gpt, KernelSet kernels, int threads) {
    long parameters = gpt.countParameters();
    int shards = Trainer.shards(config).count();
    long floats = parameters * (COPIES + shards) + panels(gpt, kernels.matmul());
    floats += 2L * config.layers() * config.context() * config.width();
    int trainers = Math.min(threads, shards);
    // With fewer shards than threads an evaluation has memory of its own.
    long passes = trainers == threads ? threads : (long) trainers + threads;
    return Float.BYTES * floats + passes * gpt.memory().bytes() + REST;
  }

  private static long panels(Gpt gpt, Matmul matmul) {
    long floats = 0;
    for (Parameter parameter : gpt.layout().parameters()) {
      boolean embedding = parameter.name().endsWith("wpe.weight") || isUntiedTokens(gpt, parameter);
      if (parameter.isMatrix() && !embedding) {
        int k = parameter.shape().dimension(0);
        int n = parameter.shape().dimension(1);
        floats += (long) matmul.packedSize(k, n) + matmul.packedSize(n, k);
      }
    }
    return floats;
  }

  private static boolean isUntiedTokens(Gpt gpt, Parameter parameter) {
    return !gpt.config().tiedHead() && parameter.name().endsWith("wte.weight");
  }

  /**
   * Requires that a run fits into the heap.
   *
   * @throws IllegalArgumentException that says what it takes and how to allow it
   */
  static void requireFits(
      TrainingConfig config, Gpt gpt, KernelSet kernels, int threads, long heap) {
    long bytes = bytes(config, gpt, kernels, threads);
    if (bytes > heap) {
      long gigabytes = (long) Math.ceil(bytes * 1.15 / (1L << 30));
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "this run takes about %s of memory, and the heap may grow to %s. Allow more:%n"
                  + "  LANEWISE_JAVA_OPTS=-Xmx%dg ./lanewise train ...%n"
                  + "or take less with --shards, --batch, --context, --d-model or --layers.",
              Amounts.bytes(bytes),
              Amounts.bytes(heap),
              gigabytes));
    }
  }
}
