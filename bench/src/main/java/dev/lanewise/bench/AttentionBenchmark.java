package dev.lanewise.bench;

import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.KeyValues;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Precision;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Causal attention of one group of heads, in GFLOP/s; what is counted is the causal half of its
 * products. Scores that backward computes again do not count, so that keeping the probabilities and
 * not keeping them compare.
 */
public class AttentionBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Positions x head size x query heads that share the keys. */
  @Param({"128x32x1", "64x32x1", "256x64x1", "1024x64x1", "256x64x4"})
  public String shape;

  /** In which keys and values are kept that {@link #extend} and {@link #extendByOne} read. */
  @Param({"F32", "BF16"})
  public Precision keyValues;

  /** Rows of {@link #extend}. */
  private static final int BLOCK = 128;

  private Heads heads;
  private int time;
  private Matrix q;
  private Matrix k;
  private Matrix v;
  private Matrix out;
  private Matrix dOut;
  private Matrix dq;
  private Matrix dk;
  private Matrix dv;
  private Matrix probabilities;
  private Matrix scratch;
  private KeyValues text;
  private Matrix extended;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    time = sizes[0];
    heads = new Heads(sizes[2], 1, sizes[1]);
    int width = heads.queryWidth();
    int keyWidth = heads.keyValueWidth();
    int qkvWidth = width + 2 * keyWidth;
    Matrix qkv = Matrix.of(random(1, time * qkvWidth), 0, qkvWidth);
    q = qkv.columns(0, width);
    k = qkv.columns(width, keyWidth);
    v = qkv.columns(width + keyWidth, keyWidth);
    Matrix dqkv = Matrix.of(new float[time * qkvWidth], 0, qkvWidth);
    dq = dqkv.columns(0, width);
    dk = dqkv.columns(width, keyWidth);
    dv = dqkv.columns(width + keyWidth, keyWidth);
    dOut = Matrix.of(random(2, time * width), 0, width);
    out = Matrix.of(new float[time * width], 0, width);
    probabilities = Matrix.of(random(3, heads.group() * time * time), 0, time);
    int floats =
        (int)
            Math.max(
                kernels.attention().scratchSize(heads, time, true),
                Math.max(
                    kernels.attention().scratchSize(heads, time, false),
                    kernels.attention().extendScratch(heads, BLOCK, time, keyValues)));
    scratch = Matrix.of(new float[floats], 0, floats);
    text = kernels.attention().keyValues(heads, time, keyValues);
    kernels.attention().append(heads, 0, 0, time, k, v, text, 0);
    extended = Matrix.of(new float[time * width], 0, width);
  }

  /** Two products. */
  @Benchmark
  public void forward(Flops flops) {
    kernels.attention().forward(heads, 0, 0, time, q, k, v, out, probabilities, 0, scratch);
    addTriangles(flops, 2);
  }

  /** Two products, without keeping the probabilities. */
  @Benchmark
  public void forwardNotKept(Flops flops) {
    kernels.attention().forward(heads, 0, 0, time, q, k, v, out, null, 0, scratch);
    addTriangles(flops, 2);
  }

  /** Four products. */
  @Benchmark
  public void backward(Flops flops) {
    kernels
        .attention()
        .backward(heads, 0, 0, time, q, k, v, probabilities, 0, dOut, dq, dk, dv, scratch);
    addTriangles(flops, 4);
  }

  /** Four products and that of the scores, from which the probabilities are computed again. */
  @Benchmark
  public void backwardNotKept(Flops flops) {
    kernels.attention().backward(heads, 0, 0, time, q, k, v, null, 0, dOut, dq, dk, dv, scratch);
    addTriangles(flops, 4);
  }

  private void addTriangles(Flops flops, int products) {
    flops.add(1.0 * products * heads.group() * time * (time + 1) * heads.size());
  }

  /** Two products of the last row, as in generation. */
  @Benchmark
  public void extendByOne(Flops flops) {
    extend(time - 1);
    flops.add(4.0 * heads.group() * time * heads.size());
  }

  /** Two products of the last rows, as for a prompt. */
  @Benchmark
  public void extend(Flops flops) {
    int past = Math.max(0, time - BLOCK);
    extend(past);
    double pairs = time * (time + 1.0) - past * (past + 1.0);
    flops.add(2 * heads.group() * pairs * heads.size());
  }

  private void extend(int past) {
    kernels
        .attention()
        .extend(heads, 0, heads.queries(), past, time - past, q, text, past, extended, scratch);
  }

  @Override
  Object[] outputs() {
    float[] past = new float[heads.group() * time * time];
    for (int r = 0; r < heads.group() * time; r++) {
      System.arraycopy(probabilities.data(), r * time, past, r * time, r % time + 1);
    }
    return new Object[] {out.data(), past, dq.data(), extended.data()};
  }
}
