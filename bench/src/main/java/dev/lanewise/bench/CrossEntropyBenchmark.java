package dev.lanewise.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Softmax cross-entropy, in GB/s; each logit read and written once. */
public class CrossEntropyBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Rows x classes. */
  @Param({"768x65", "64x5000", "16x50257"})
  public String shape;

  private int rows;
  private int n;
  private float[] logits;
  private float[] losses;
  private int[] targets;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    logits = random(1, rows * n);
    losses = new float[rows];
    targets = new int[rows];
    for (int r = 0; r < rows; r++) {
      targets[r] = r * 31 % n;
    }
  }

  /** Losses; the logits turn to exponentials, and to exponentials of these in the next call. */
  @Benchmark
  public void loss(Traffic traffic) {
    kernels.crossEntropy().loss(rows, n, logits, 0, n, targets, 0, losses, 0);
    traffic.add(2.0 * rows * n);
  }

  /** Losses, and gradients in place of the logits. */
  @Benchmark
  public void lossAndGradient(Traffic traffic) {
    kernels.crossEntropy().lossAndGradient(rows, n, 0.01f, logits, 0, n, targets, 0, losses, 0);
    traffic.add(2.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {logits, losses};
  }
}
