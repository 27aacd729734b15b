package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.DOUBLES;
import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Reduction;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums of flat arrays. In a sum in double a float vector of L lanes widens into two vectors of
 * doubles, so that the eight lanes are four vectors of 128 bits, two of 256 or one of 512.
 */
final class VectorReduction implements Reduction {

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
    double d0 = s0.lane(0);
    double d1 = s0.lane(1);
    double d2 = L == 4 ? s1.lane(0) : s0.lane(2);
    double d3 = L == 4 ? s1.lane(1) : s0.lane(3);
    double d4 = L == 4 ? s2.lane(0) : L == 8 ? s1.lane(0) : s0.lane(4);
    double d5 = L == 4 ? s2.lane(1) : L == 8 ? s1.lane(1) : s0.lane(5);
    double d6 = L == 4 ? s3.lane(0) : L == 8 ? s1.lane(2) : s0.lane(6);
    double d7 = L == 4 ? s3.lane(1) : L == 8 ? s1.lane(3) : s0.lane(7);
    for (; i < n; i++) {
      double v = x[xOffset + i];
      switch (i % DOUBLE_LANES) {
        case 0 -> d0 = Math.fma(v, v, d0);
        case 1 -> d1 = Math.fma(v, v, d1);
        case 2 -> d2 = Math.fma(v, v, d2);
        case 3 -> d3 = Math.fma(v, v, d3);
        case 4 -> d4 = Math.fma(v, v, d4);
        case 5 -> d5 = Math.fma(v, v, d5);
        case 6 -> d6 = Math.fma(v, v, d6);
        default -> d7 = Math.fma(v, v, d7);
      }
    }
    return ((d0 + d4) + (d2 + d6)) + ((d1 + d5) + (d3 + d7));
  }

  @Override
  public void add(int n, float[] x, int xOffset, float[] y, int yOffset) {
    VectorElementwise.sum(n, y, yOffset, x, xOffset, y, yOffset);
  }
}
