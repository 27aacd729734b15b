package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.DOUBLES;
import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Reduction;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums in double. A float vector of L lanes widens into two vectors of doubles, so that the eight
 * lanes are four vectors of 128 bits, two of 256 or one of 512.
 */
final class VectorReduction implements Reduction {

  private static final VectorShuffle<Double> ROTATE_4 = rotate(4);
  private static final VectorShuffle<Double> ROTATE_2 = rotate(2);
  private static final VectorShuffle<Double> ROTATE_1 = rotate(1);

  private static VectorShuffle<Double> rotate(int lanes) {
    return VectorShuffle.fromOp(DOUBLES, i -> (i + lanes) % DOUBLES.length());
  }

  @Override
  public double sumOfSquares(int n, float[] x, int xOffset) {
    DoubleVector s0 = DoubleVector.zero(DOUBLES);
    DoubleVector s1 = s0;
    DoubleVector s2 = s0;
    DoubleVector s3 = s0;
    int i = 0;
    for (; i <= n - 16; i += 16) {
      for (int j = 0; j < 16; j += Math.max(L, DOUBLE_LANES)) {
        FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i + j);
        DoubleVector low = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0);
        DoubleVector high = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1);
        s0 = low.fma(low, s0);
        if (L == 16) {
          s0 = high.fma(high, s0);
        } else {
          s1 = high.fma(high, s1);
        }
        if (L == 4) {
          FloatVector w = FloatVector.fromArray(FLOATS, x, xOffset + i + j + L);
          low = (DoubleVector) w.convertShape(VectorOperators.F2D, DOUBLES, 0);
          high = (DoubleVector) w.convertShape(VectorOperators.F2D, DOUBLES, 1);
          s2 = low.fma(low, s2);
          s3 = high.fma(high, s3);
        }
      }
    }
    // The tail as masked vectors: the square of a masked-out lane is +0, which changes no sum.
    for (; i < n; i += Math.max(L, DOUBLE_LANES)) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xOffset + i, VectorLanes.below(i, n));
      DoubleVector low = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector high = (DoubleVector) v.convertShape(VectorOperators.F2D, DOUBLES, 1);
      s0 = low.fma(low, s0);
      if (L == 16) {
        s0 = high.fma(high, s0);
      } else {
        s1 = high.fma(high, s1);
      }
      if (L == 4) {
        FloatVector w =
            FloatVector.fromArray(FLOATS, x, xOffset + i + L, VectorLanes.below(i + L, n));
        low = (DoubleVector) w.convertShape(VectorOperators.F2D, DOUBLES, 0);
        high = (DoubleVector) w.convertShape(VectorOperators.F2D, DOUBLES, 1);
        s2 = low.fma(low, s2);
        s3 = high.fma(high, s3);
      }
    }
    if (L == 4) {
      s0 = s0.add(s2);
      s1 = s1.add(s3);
    }
    if (L <= 8) {
      s0 = s0.add(s1);
    } else {
      s0 = s0.add(s0.rearrange(ROTATE_4));
    }
    if (L >= 8) {
      s0 = s0.add(s0.rearrange(ROTATE_2));
    }
    return s0.add(s0.rearrange(ROTATE_1)).lane(0);
  }
}
