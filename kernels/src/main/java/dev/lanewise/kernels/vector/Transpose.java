package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transposes as many rows as a vector has lanes, in square blocks. A block is transposed in log2(L)
 * rounds: round d exchanges, between each two rows whose numbers differ in bit d, the elements
 * whose column differs from the row in that bit. The first round reads the rows, the others work in
 * the result, which is in L1 by then.
 */
final class Transpose {

  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorMask<Float> HIGH_8 = high(8);
  private static final VectorMask<Float> HIGH_4 = high(4);
  private static final VectorMask<Float> HIGH_2 = high(2);
  private static final VectorMask<Float> HIGH_1 = high(1);

  private Transpose() {}

  private static VectorShuffle<Float> swap(int bit) {
    return VectorShuffle.fromOp(FLOATS, i -> (i ^ bit) % L);
  }

  private static VectorMask<Float> high(int bit) {
    boolean[] lanes = new boolean[L];
    for (int i = 0; i < L; i++) {
      lanes[i] = (i & bit) != 0;
    }
    return VectorMask.fromArray(FLOATS, lanes, 0);
  }

  /** Writes the transpose of L rows of n: n rows of L. */
  static void rows(
      int n, float[] x, int xOffset, int xStride, float[] y, int yOffset, int yStride) {
    int i = 0;
    for (; i <= n - L; i += L) {
      block(x, xOffset + i, xStride, y, yOffset + i * yStride, yStride);
    }
    for (; i < n; i++) {
      for (int r = 0; r < L; r++) {
        y[yOffset + i * yStride + r] = x[xOffset + r * xStride + i];
      }
    }
  }

  private static void block(
      float[] x, int xOffset, int xStride, float[] y, int yOffset, int yStride) {
    if (L == 16) {
      round(8, SWAP_8, HIGH_8, x, xOffset, xStride, y, yOffset, yStride);
      round(4, SWAP_4, HIGH_4, y, yOffset, yStride, y, yOffset, yStride);
      round(2, SWAP_2, HIGH_2, y, yOffset, yStride, y, yOffset, yStride);
    } else if (L == 8) {
      round(4, SWAP_4, HIGH_4, x, xOffset, xStride, y, yOffset, yStride);
      round(2, SWAP_2, HIGH_2, y, yOffset, yStride, y, yOffset, yStride);
    } else {
      round(2, SWAP_2, HIGH_2, x, xOffset, xStride, y, yOffset, yStride);
    }
    round(1, SWAP_1, HIGH_1, y, yOffset, yStride, y, yOffset, yStride);
  }

  private static void round(
      int bit,
      VectorShuffle<Float> swap,
      VectorMask<Float> high,
      float[] x,
      int xOffset,
      int xStride,
      float[] y,
      int yOffset,
      int yStride) {
    VectorMask<Float> lowLanes = high.not();
    for (int pair = 0; pair < L / 2; pair++) {
      int low = (pair & -bit) + pair;
      FloatVector a = FloatVector.fromArray(FLOATS, x, xOffset + low * xStride);
      FloatVector b = FloatVector.fromArray(FLOATS, x, xOffset + (low + bit) * xStride);
      a.blend(b.rearrange(swap), high).intoArray(y, yOffset + low * yStride);
      b.blend(a.rearrange(swap), lowLanes).intoArray(y, yOffset + (low + bit) * yStride);
    }
  }
}
