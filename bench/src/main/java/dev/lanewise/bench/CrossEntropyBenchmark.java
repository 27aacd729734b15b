package dev.lanewise.bench;

import dev.lanewise.kernels.Matrix;
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
  private Matrix logits;
  private float[] losses;
  private int[] targets;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    n = sizes[1];
    logits = Matrix.of(random(1, rows * n), 0, n);
    losses = new float[rows];
    targets = new int[rows];
    for (int r = 0; r < rows; r++) {
      targets[r] = r * 31 % n;
    }
  }

  /** Losses; the logits turn to exponentials, and to exponentials of these in the next call. */
  @Benchmark
  public void loss(Traffic traffic) {
    kernels.crossEntropy().loss(0, rows, logits, targets, losses, 0);
    traffic.add(2.0 * rows * n);
  }

  /** Losses, and gradients in place of the logits. */
  @Benchmark
  public void lossAndGradient(Traffic traffic) {
    kernels.crossEntropy().lossAndGradient(0, rows, 1f, 0.01f, logits, targets, losses, 0);
    traffic.add(2.0 * rows * n);
  }

  @Override
  Object[] outputs() {
    return new Object[] {logits.data(), losses};
  }
}
