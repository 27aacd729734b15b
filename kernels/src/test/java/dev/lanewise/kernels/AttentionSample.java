package dev.lanewise.kernels;

import java.util.Arrays;

/** All heads over one sequence, forward and backward. */
final class AttentionSample {

  final Heads heads;
  final int time;
  final float[] q;
  final float[] k;
  final float[] v;
  final float[] dOut;
  final float[] out;
  final float[] dq;
  final float[] dk;
  final float[] dv;

  AttentionSample(Heads heads, int time) {
    this.heads = heads;
    this.time = time;
    this.q = random(1, time * heads.queryWidth());
    this.k = random(2, time * heads.keyValueWidth());
    this.v = random(3, time * heads.keyValueWidth());
    this.dOut = random(4, q.length);
    // What is in the results must not matter.
    this.out = random(5, q.length);
    this.dq = random(6, q.length);
    this.dk = random(7, k.length);
    this.dv = random(8, k.length);
  }

  private static float[] random(long seed, int n) {
    Slice slice = Slice.in(Values.ORDINARY, seed, n);
    return Arrays.copyOfRange(slice.array, slice.offset, slice.offset + n);
  }

  Matrix queries(float[] x) {
    return Matrix.of(x, 0, heads.queryWidth());
  }

  Matrix keys(float[] x) {
    return Matrix.of(x, 0, heads.keyValueWidth());
  }

  AttentionSample run(KernelSet kernels, boolean kept) {
    Attention attention = kernels.attention();
    int scratchSize = (int) attention.scratchSize(heads, time, kept);
    Matrix scratch = Matrix.of(new float[scratchSize], 0, scratchSize);
    Matrix p = kept ? Matrix.of(new float[heads.group() * time * time], 0, time) : null;
    for (int group = 0; group < heads.keyValues(); group++) {
      attention.forward(
          heads, group, 0, time, queries(q), keys(k), keys(v), queries(out), p, 0, scratch);
      attention.backward(
          heads,
          group,
          0,
          time,
          queries(q),
          keys(k),
          keys(v),
          p,
          0,
          queries(dOut),
          queries(dq),
          keys(dk),
          keys(dv),
          scratch);
    }
    return this;
  }
}
