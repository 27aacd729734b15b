package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.LONGS;

import dev.lanewise.kernels.Dropout;
import dev.lanewise.kernels.Philox;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Dropout, generating the random words of {@link Philox} for several counters at once: a 32-bit
 * word sits in a 64-bit lane, so that a product keeps its high half, and the floats are taken in
 * vectors of as many lanes.
 */
final class VectorDropout implements Dropout {

  private static final long LOW = 0xFFFFFFFFL;

  private static final VectorSpecies<Float> HALF = half();

  /** Elements whose words come from the same blocks. */
  private static final int GROUP = 4 * Philox.RUN;

  private static VectorSpecies<Float> half() {
    return switch (LONGS.length()) {
      case 2 -> FloatVector.SPECIES_64;
      case 4 -> FloatVector.SPECIES_128;
      default -> FloatVector.SPECIES_256;
    };
  }

  @Override
  public void apply(
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

  /** 128 elements from the four words of 32 blocks. */
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
    // A word's top 24 bits are at least the threshold where the word is at least this.
    long bound = (long) threshold << 8;
    for (int lane = 0; lane < Philox.RUN; lane += LONGS.length()) {
      LongVector counter = LongVector.broadcast(LONGS, block + lane).addIndex(1);
      LongVector c0 = counter.and(LOW);
      LongVector c1 = counter.lanewise(VectorOperators.LSHR, 32);
      LongVector c2 = LongVector.broadcast(LONGS, stream & LOW);
      LongVector c3 = LongVector.broadcast(LONGS, step & LOW);
      int k0 = (int) key;
      int k1 = (int) (key >>> 32);
      for (int round = 0; round < Philox.ROUNDS; round++) {
        LongVector product0 = c0.mul(Philox.MULTIPLIER_0 & LOW);
        LongVector product1 = c2.mul(Philox.MULTIPLIER_1 & LOW);
        c0 = product1.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, c1);
        c0 = c0.lanewise(VectorOperators.XOR, k0 & LOW);
        c1 = product1.and(LOW);
        c2 = product0.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, c3);
        c2 = c2.lanewise(VectorOperators.XOR, k1 & LOW);
        c3 = product0.and(LOW);
        k0 += Philox.WEYL_0;
        k1 += Philox.WEYL_1;
      }
      int from = xOffset + lane;
      int to = yOffset + lane;
      FloatVector v0 = FloatVector.fromArray(HALF, x, from).mul(scale);
      FloatVector v1 = FloatVector.fromArray(HALF, x, from + Philox.RUN).mul(scale);
      FloatVector v2 = FloatVector.fromArray(HALF, x, from + 2 * Philox.RUN).mul(scale);
      FloatVector v3 = FloatVector.fromArray(HALF, x, from + 3 * Philox.RUN).mul(scale);
      v0.blend(0f, c0.lt(bound).cast(HALF)).intoArray(y, to);
      v1.blend(0f, c1.lt(bound).cast(HALF)).intoArray(y, to + Philox.RUN);
      v2.blend(0f, c2.lt(bound).cast(HALF)).intoArray(y, to + 2 * Philox.RUN);
      v3.blend(0f, c3.lt(bound).cast(HALF)).intoArray(y, to + 3 * Philox.RUN);
    }
  }
}
