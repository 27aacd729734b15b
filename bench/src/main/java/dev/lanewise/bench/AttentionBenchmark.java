package dev.lanewise.bench;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Causal attention of one head, in GFLOP/s; what is counted is the causal half of its products. */
public class AttentionBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  /** Positions x head size. */
  @Param({"128x32", "64x32", "256x64", "1024x64"})
  public String shape;

  private int time;
  private int headSize;
  private int stride;
  private float[] qkv;
  private float[] out;
  private float[] dOut;
  private float[] dqkv;
  private float[] probabilities;
  private float[] scratch;
  private float[] keys;
  private float[] lastOut;
  private float[] scores;

  @Setup
  public void setup() {
    kernels = Variants.kernels(variant);
    int[] sizes = sizes(shape);
    time = sizes[0];
    headSize = sizes[1];
    stride = 3 * headSize;
    qkv = random(1, time * stride);
    dOut = random(2, time * headSize);
    out = new float[time * headSize];
    dqkv = new float[time * stride];
    probabilities = random(3, time * time);
    scratch = new float[kernels.attention().scratchSize(time, headSize)];
    keys = random(4, headSize * time);
    lastOut = new float[headSize];
    scores = new float[time];
  }

  /** Two products. */
  @Benchmark
  public void forward(Flops flops) {
    kernels
        .attention()
        .forward(
            time,
            headSize,
            qkv,
            0,
            headSize,
            2 * headSize,
            stride,
            out,
            0,
            headSize,
            probabilities,
            0,
            scratch,
            0);
    flops.add(2.0 * time * (time + 1) * headSize);
  }

  /** Four products. */
  @Benchmark
  public void backward(Flops flops) {
    kernels
        .attention()
        .backward(
            time,
            headSize,
            qkv,
            0,
            headSize,
            2 * headSize,
            stride,
            probabilities,
            0,
            dOut,
            0,
            headSize,
            dqkv,
            0,
            headSize,
            2 * headSize,
            scratch,
            0);
    flops.add(4.0 * time * (time + 1) * headSize);
  }

  /** Two products of one row, as in generation. */
  @Benchmark
  public void last(Flops flops) {
    kernels
        .attention()
        .last(
            time,
            headSize,
            qkv,
            0,
            keys,
            0,
            time,
            qkv,
            2 * headSize,
            stride,
            lastOut,
            0,
            scores,
            0);
    flops.add(4.0 * time * headSize);
  }

  @Override
  Object[] outputs() {
    float[] past = new float[time * time];
    for (int t = 0; t < time; t++) {
      System.arraycopy(probabilities, t * time, past, t * time, t + 1);
    }
    return new Object[] {out, past, dqkv, lastOut};
  }
}
