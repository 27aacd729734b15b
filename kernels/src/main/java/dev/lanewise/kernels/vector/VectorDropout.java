package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.INTS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Dropout;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Philox;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Dropout, generating the random words of {@link Philox} for as many counters at once as a vector
 * has lanes. The 64-bit products of 32-bit words come from the even and from the odd lanes in turn.
 */
final class VectorDropout implements Dropout {

  private static final long LOW = 0xFFFFFFFFL;

  /** Elements whose words come from the same blocks. */
  private static final int GROUP = 4 * Philox.RUN;

  @Override
  public void apply(
      int row, int rows, Matrix x, Matrix y, Mask mask, long key, int step, long firstRow) {
    int n = y.columns();
    int threshold = mask.threshold();
    float scale = mask.scale();
    boolean flat = VectorElementwise.isFlat(x, n) && VectorElementwise.isFlat(y, n);
    int together = flat ? rows : 1;
    for (int r = row; r < row + rows; r += together) {
      apply(
          together * n,
          x.data(),
          x.offset(r),
          y.data(),
          y.offset(r),
          threshold,
          scale,
          key,
          mask.stream(),
          step,
          (firstRow + r) * n);
    }
  }

  private static void apply(
      int n,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      int threshold,
      float scale,
      long key,
      int stream,
      int step,
      long first) {
    int i = 0;
    for (; i < n && (first + i) % GROUP != 0; i++) {
      y[yOffset + i] = one(x[xOffset + i], threshold, scale, key, stream, step, first + i);
    }
    for (; i <= n - GROUP; i += GROUP) {
      long block = (first + i) / GROUP * Philox.RUN;
      group(x, xOffset + i, y, yOffset + i, threshold, scale, key, stream, step, block);
    }
    for (; i < n; i++) {
      y[yOffset + i] = one(x[xOffset + i], threshold, scale, key, stream, step, first + i);
    }
  }

  private static float one(
      float x, int threshold, float scale, long key, int stream, int step, long index) {
    int u = Philox.element(key, stream, step, index) >>> 8;
    return u >= threshold ? x * scale : 0f;
  }

  /** 128 elements from the four words of 32 blocks; the first block is a multiple of 32. */
  private static void group(
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      int threshold,
      float scale,
      long key,
      int stream,
      int step,
      long block) {
    // Shifted, so that C2 knows of both factors that they have 32 bits: one instruction on AVX2.
    LongVector multiplier0 =
        IntVector.broadcast(INTS, Philox.MULTIPLIER_0)
            .reinterpretAsLongs()
            .lanewise(VectorOperators.LSHR, 32);
    LongVector multiplier1 =
        IntVector.broadcast(INTS, Philox.MULTIPLIER_1)
            .reinterpretAsLongs()
            .lanewise(VectorOperators.LSHR, 32);
    for (int lane = 0; lane < Philox.RUN; lane += L) {
      IntVector c0 = IntVector.broadcast(INTS, (int) block + lane).addIndex(1);
      IntVector c1 = IntVector.broadcast(INTS, (int) (block >>> 32));
      IntVector c2 = IntVector.broadcast(INTS, stream);
      IntVector c3 = IntVector.broadcast(INTS, step);
      int k0 = (int) key;
      int k1 = (int) (key >>> 32);
      for (int round = 0; round < Philox.ROUNDS; round++) {
        LongVector pairs = c0.reinterpretAsLongs();
        LongVector even0 = pairs.and(LOW).mul(multiplier0);
        LongVector odd0 = pairs.lanewise(VectorOperators.LSHR, 32).mul(multiplier0);
        pairs = c2.reinterpretAsLongs();
        LongVector even1 = pairs.and(LOW).mul(multiplier1);
        LongVector odd1 = pairs.lanewise(VectorOperators.LSHR, 32).mul(multiplier1);
        c0 = even1.lanewise(VectorOperators.LSHR, 32).or(odd1.and(~LOW)).reinterpretAsInts();
        c0 = c0.lanewise(VectorOperators.XOR, c1).lanewise(VectorOperators.XOR, k0);
        c1 = even1.and(LOW).or(odd1.lanewise(VectorOperators.LSHL, 32)).reinterpretAsInts();
        c2 = even0.lanewise(VectorOperators.LSHR, 32).or(odd0.and(~LOW)).reinterpretAsInts();
        c2 = c2.lanewise(VectorOperators.XOR, c3).lanewise(VectorOperators.XOR, k1);
        c3 = even0.and(LOW).or(odd0.lanewise(VectorOperators.LSHL, 32)).reinterpretAsInts();
        k0 += Philox.WEYL_0;
        k1 += Philox.WEYL_1;
      }
      int from = xOffset + lane;
      int to = yOffset + lane;
      FloatVector v0 = FloatVector.fromArray(FLOATS, x, from).mul(scale);
      v0.blend(0f, c0.lanewise(VectorOperators.LSHR, 8).lt(threshold).cast(FLOATS))
          .intoArray(y, to);
      FloatVector v1 = FloatVector.fromArray(FLOATS, x, from + Philox.RUN).mul(scale);
      v1.blend(0f, c1.lanewise(VectorOperators.LSHR, 8).lt(threshold).cast(FLOATS))
          .intoArray(y, to + Philox.RUN);
      FloatVector v2 = FloatVector.fromArray(FLOATS, x, from + 2 * Philox.RUN).mul(scale);
      v2.blend(0f, c2.lanewise(VectorOperators.LSHR, 8).lt(threshold).cast(FLOATS))
          .intoArray(y, to + 2 * Philox.RUN);
      FloatVector v3 = FloatVector.fromArray(FLOATS, x, from + 3 * Philox.RUN).mul(scale);
      v3.blend(0f, c3.lanewise(VectorOperators.LSHR, 8).lt(threshold).cast(FLOATS))
          .intoArray(y, to + 3 * Philox.RUN);
    }
  }
}
