package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Lane sums ({@link Lanes}) with 32 lanes held in 2, 4 or 8 vectors. Conditions on {@link #VECTORS}
 * are constants to the compiler: one of the three shapes remains.
 */
final class VectorLanes {

  /** Vectors that hold the 32 lanes. */
  static final int VECTORS = Lanes.COUNT / L;

  private static final VectorShuffle<Float> ROTATE_8 = rotate(8);
  private static final VectorShuffle<Float> ROTATE_4 = rotate(4);
  private static final VectorShuffle<Float> ROTATE_2 = rotate(2);
  private static final VectorShuffle<Float> ROTATE_1 = rotate(1);

  private VectorLanes() {}

  private static VectorShuffle<Float> rotate(int lanes) {
    return VectorShuffle.fromOp(FLOATS, i -> (i + lanes) % L);
  }

  /** Mask of the lanes of the vector at i that lie below n. */
  static VectorMask<Float> below(int i, int n) {
    return FLOATS.indexInRange(i, n);
  }

  /** Folds the lanes of one vector in halves; small, so that it is always inlined. */
  static float fold(FloatVector v) {
    FloatVector sum = v;
    if (L >= 16) {
      sum = sum.add(sum.rearrange(ROTATE_8));
    }
    if (L >= 8) {
      sum = sum.add(sum.rearrange(ROTATE_4));
    }
    sum = sum.add(sum.rearrange(ROTATE_2));
    sum = sum.add(sum.rearrange(ROTATE_1));
    return sum.lane(0);
  }

  /** The lane sum of x. */
  static float sum(int n, float[] x, int xOffset) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      s0 = s0.add(FloatVector.fromArray(FLOATS, x, xOffset + i));
      s1 = s1.add(FloatVector.fromArray(FLOATS, x, xOffset + i + L));
      if (VECTORS >= 4) {
        s2 = s2.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 2 * L));
        s3 = s3.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 3 * L));
      }
      if (VECTORS == 8) {
        s4 = s4.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 4 * L));
        s5 = s5.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 5 * L));
        s6 = s6.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 6 * L));
        s7 = s7.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 7 * L));
      }
    }
    if (i < n) {
      VectorMask<Float> m0 = below(i, n);
      s0 = s0.add(FloatVector.fromArray(FLOATS, x, xOffset + i, m0), m0);
      VectorMask<Float> m1 = below(i + L, n);
      s1 = s1.add(FloatVector.fromArray(FLOATS, x, xOffset + i + L, m1), m1);
      if (VECTORS >= 4) {
        VectorMask<Float> m2 = below(i + 2 * L, n);
        s2 = s2.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 2 * L, m2), m2);
        VectorMask<Float> m3 = below(i + 3 * L, n);
        s3 = s3.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 3 * L, m3), m3);
      }
      if (VECTORS == 8) {
        VectorMask<Float> m4 = below(i + 4 * L, n);
        s4 = s4.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 4 * L, m4), m4);
        VectorMask<Float> m5 = below(i + 5 * L, n);
        s5 = s5.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 5 * L, m5), m5);
        VectorMask<Float> m6 = below(i + 6 * L, n);
        s6 = s6.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 6 * L, m6), m6);
        VectorMask<Float> m7 = below(i + 7 * L, n);
        s7 = s7.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 7 * L, m7), m7);
      }
    }
    if (VECTORS == 8) {
      s0 = s0.add(s4);
      s1 = s1.add(s5);
      s2 = s2.add(s6);
      s3 = s3.add(s7);
    }
    if (VECTORS >= 4) {
      s0 = s0.add(s2);
      s1 = s1.add(s3);
    }
    return fold(s0.add(s1));
  }

  /** The lane sum of a · b, each lane a chain of fma. */
  static float dot(int n, float[] a, int aOffset, float[] b, int bOffset) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      s0 =
          FloatVector.fromArray(FLOATS, a, aOffset + i)
              .fma(FloatVector.fromArray(FLOATS, b, bOffset + i), s0);
      s1 =
          FloatVector.fromArray(FLOATS, a, aOffset + i + L)
              .fma(FloatVector.fromArray(FLOATS, b, bOffset + i + L), s1);
      if (VECTORS >= 4) {
        s2 =
            FloatVector.fromArray(FLOATS, a, aOffset + i + 2 * L)
                .fma(FloatVector.fromArray(FLOATS, b, bOffset + i + 2 * L), s2);
        s3 =
            FloatVector.fromArray(FLOATS, a, aOffset + i + 3 * L)
                .fma(FloatVector.fromArray(FLOATS, b, bOffset + i + 3 * L), s3);
      }
      if (VECTORS == 8) {
        s4 =
            FloatVector.fromArray(FLOATS, a, aOffset + i + 4 * L)
                .fma(FloatVector.fromArray(FLOATS, b, bOffset + i + 4 * L), s4);
        s5 =
            FloatVector.fromArray(FLOATS, a, aOffset + i + 5 * L)
                .fma(FloatVector.fromArray(FLOATS, b, bOffset + i + 5 * L), s5);
        s6 =
            FloatVector.fromArray(FLOATS, a, aOffset + i + 6 * L)
                .fma(FloatVector.fromArray(FLOATS, b, bOffset + i + 6 * L), s6);
        s7 =
            FloatVector.fromArray(FLOATS, a, aOffset + i + 7 * L)
                .fma(FloatVector.fromArray(FLOATS, b, bOffset + i + 7 * L), s7);
      }
    }
    if (i < n) {
      VectorMask<Float> m0 = below(i, n);
      FloatVector a0 = FloatVector.fromArray(FLOATS, a, aOffset + i, m0);
      FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + i, m0);
      s0 = s0.blend(a0.fma(b0, s0), m0);
      VectorMask<Float> m1 = below(i + L, n);
      FloatVector a1 = FloatVector.fromArray(FLOATS, a, aOffset + i + L, m1);
      FloatVector b1 = FloatVector.fromArray(FLOATS, b, bOffset + i + L, m1);
      s1 = s1.blend(a1.fma(b1, s1), m1);
      if (VECTORS >= 4) {
        VectorMask<Float> m2 = below(i + 2 * L, n);
        FloatVector a2 = FloatVector.fromArray(FLOATS, a, aOffset + i + 2 * L, m2);
        FloatVector b2 = FloatVector.fromArray(FLOATS, b, bOffset + i + 2 * L, m2);
        s2 = s2.blend(a2.fma(b2, s2), m2);
        VectorMask<Float> m3 = below(i + 3 * L, n);
        FloatVector a3 = FloatVector.fromArray(FLOATS, a, aOffset + i + 3 * L, m3);
        FloatVector b3 = FloatVector.fromArray(FLOATS, b, bOffset + i + 3 * L, m3);
        s3 = s3.blend(a3.fma(b3, s3), m3);
      }
      if (VECTORS == 8) {
        VectorMask<Float> m4 = below(i + 4 * L, n);
        FloatVector a4 = FloatVector.fromArray(FLOATS, a, aOffset + i + 4 * L, m4);
        FloatVector b4 = FloatVector.fromArray(FLOATS, b, bOffset + i + 4 * L, m4);
        s4 = s4.blend(a4.fma(b4, s4), m4);
        VectorMask<Float> m5 = below(i + 5 * L, n);
        FloatVector a5 = FloatVector.fromArray(FLOATS, a, aOffset + i + 5 * L, m5);
        FloatVector b5 = FloatVector.fromArray(FLOATS, b, bOffset + i + 5 * L, m5);
        s5 = s5.blend(a5.fma(b5, s5), m5);
        VectorMask<Float> m6 = below(i + 6 * L, n);
        FloatVector a6 = FloatVector.fromArray(FLOATS, a, aOffset + i + 6 * L, m6);
        FloatVector b6 = FloatVector.fromArray(FLOATS, b, bOffset + i + 6 * L, m6);
        s6 = s6.blend(a6.fma(b6, s6), m6);
        VectorMask<Float> m7 = below(i + 7 * L, n);
        FloatVector a7 = FloatVector.fromArray(FLOATS, a, aOffset + i + 7 * L, m7);
        FloatVector b7 = FloatVector.fromArray(FLOATS, b, bOffset + i + 7 * L, m7);
        s7 = s7.blend(a7.fma(b7, s7), m7);
      }
    }
    if (VECTORS == 8) {
      s0 = s0.add(s4);
      s1 = s1.add(s5);
      s2 = s2.add(s6);
      s3 = s3.add(s7);
    }
    if (VECTORS >= 4) {
      s0 = s0.add(s2);
      s1 = s1.add(s3);
    }
    return fold(s0.add(s1));
  }

  /** The lane sum of (x - mean)², each lane a chain of fma. */
  static float squaredDifferences(int n, float[] x, int xOffset, float mean) {
    FloatVector mu = FloatVector.broadcast(FLOATS, mean);
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector d0 = FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mu);
      s0 = d0.fma(d0, s0);
      FloatVector d1 = FloatVector.fromArray(FLOATS, x, xOffset + i + L).sub(mu);
      s1 = d1.fma(d1, s1);
      if (VECTORS >= 4) {
        FloatVector d2 = FloatVector.fromArray(FLOATS, x, xOffset + i + 2 * L).sub(mu);
        s2 = d2.fma(d2, s2);
        FloatVector d3 = FloatVector.fromArray(FLOATS, x, xOffset + i + 3 * L).sub(mu);
        s3 = d3.fma(d3, s3);
      }
      if (VECTORS == 8) {
        FloatVector d4 = FloatVector.fromArray(FLOATS, x, xOffset + i + 4 * L).sub(mu);
        s4 = d4.fma(d4, s4);
        FloatVector d5 = FloatVector.fromArray(FLOATS, x, xOffset + i + 5 * L).sub(mu);
        s5 = d5.fma(d5, s5);
        FloatVector d6 = FloatVector.fromArray(FLOATS, x, xOffset + i + 6 * L).sub(mu);
        s6 = d6.fma(d6, s6);
        FloatVector d7 = FloatVector.fromArray(FLOATS, x, xOffset + i + 7 * L).sub(mu);
        s7 = d7.fma(d7, s7);
      }
    }
    if (i < n) {
      VectorMask<Float> m0 = below(i, n);
      FloatVector d0 = FloatVector.fromArray(FLOATS, x, xOffset + i, m0).sub(mu);
      s0 = s0.blend(d0.fma(d0, s0), m0);
      VectorMask<Float> m1 = below(i + L, n);
      FloatVector d1 = FloatVector.fromArray(FLOATS, x, xOffset + i + L, m1).sub(mu);
      s1 = s1.blend(d1.fma(d1, s1), m1);
      if (VECTORS >= 4) {
        VectorMask<Float> m2 = below(i + 2 * L, n);
        FloatVector d2 = FloatVector.fromArray(FLOATS, x, xOffset + i + 2 * L, m2).sub(mu);
        s2 = s2.blend(d2.fma(d2, s2), m2);
        VectorMask<Float> m3 = below(i + 3 * L, n);
        FloatVector d3 = FloatVector.fromArray(FLOATS, x, xOffset + i + 3 * L, m3).sub(mu);
        s3 = s3.blend(d3.fma(d3, s3), m3);
      }
      if (VECTORS == 8) {
        VectorMask<Float> m4 = below(i + 4 * L, n);
        FloatVector d4 = FloatVector.fromArray(FLOATS, x, xOffset + i + 4 * L, m4).sub(mu);
        s4 = s4.blend(d4.fma(d4, s4), m4);
        VectorMask<Float> m5 = below(i + 5 * L, n);
        FloatVector d5 = FloatVector.fromArray(FLOATS, x, xOffset + i + 5 * L, m5).sub(mu);
        s5 = s5.blend(d5.fma(d5, s5), m5);
        VectorMask<Float> m6 = below(i + 6 * L, n);
        FloatVector d6 = FloatVector.fromArray(FLOATS, x, xOffset + i + 6 * L, m6).sub(mu);
        s6 = s6.blend(d6.fma(d6, s6), m6);
        VectorMask<Float> m7 = below(i + 7 * L, n);
        FloatVector d7 = FloatVector.fromArray(FLOATS, x, xOffset + i + 7 * L, m7).sub(mu);
        s7 = s7.blend(d7.fma(d7, s7), m7);
      }
    }
    if (VECTORS == 8) {
      s0 = s0.add(s4);
      s1 = s1.add(s5);
      s2 = s2.add(s6);
      s3 = s3.add(s7);
    }
    if (VECTORS >= 4) {
      s0 = s0.add(s2);
      s1 = s1.add(s3);
    }
    return fold(s0.add(s1));
  }

  /**
   * The lane sum of (dy · gain) · h with h = (x - mean) · rstd, each lane a chain of fma: what
   * layer normalisation's backward pass needs of a row.
   */
  static float normalizedDot(
      int n,
      float[] dy,
      int dyOffset,
      float[] gain,
      int gainOffset,
      float[] x,
      int xOffset,
      float mean,
      float rstd) {
    FloatVector mu = FloatVector.broadcast(FLOATS, mean);
    FloatVector r = FloatVector.broadcast(FLOATS, rstd);
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    int i = 0;
    for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector h0 = FloatVector.fromArray(FLOATS, x, xOffset + i).sub(mu).mul(r);
      FloatVector g0 =
          FloatVector.fromArray(FLOATS, dy, dyOffset + i)
              .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i));
      s0 = g0.fma(h0, s0);
      FloatVector h1 = FloatVector.fromArray(FLOATS, x, xOffset + i + L).sub(mu).mul(r);
      FloatVector g1 =
          FloatVector.fromArray(FLOATS, dy, dyOffset + i + L)
              .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + L));
      s1 = g1.fma(h1, s1);
      if (VECTORS >= 4) {
        FloatVector h2 = FloatVector.fromArray(FLOATS, x, xOffset + i + 2 * L).sub(mu).mul(r);
        FloatVector g2 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 2 * L)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 2 * L));
        s2 = g2.fma(h2, s2);
        FloatVector h3 = FloatVector.fromArray(FLOATS, x, xOffset + i + 3 * L).sub(mu).mul(r);
        FloatVector g3 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 3 * L)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 3 * L));
        s3 = g3.fma(h3, s3);
      }
      if (VECTORS == 8) {
        FloatVector h4 = FloatVector.fromArray(FLOATS, x, xOffset + i + 4 * L).sub(mu).mul(r);
        FloatVector g4 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 4 * L)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 4 * L));
        s4 = g4.fma(h4, s4);
        FloatVector h5 = FloatVector.fromArray(FLOATS, x, xOffset + i + 5 * L).sub(mu).mul(r);
        FloatVector g5 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 5 * L)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 5 * L));
        s5 = g5.fma(h5, s5);
        FloatVector h6 = FloatVector.fromArray(FLOATS, x, xOffset + i + 6 * L).sub(mu).mul(r);
        FloatVector g6 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 6 * L)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 6 * L));
        s6 = g6.fma(h6, s6);
        FloatVector h7 = FloatVector.fromArray(FLOATS, x, xOffset + i + 7 * L).sub(mu).mul(r);
        FloatVector g7 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 7 * L)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 7 * L));
        s7 = g7.fma(h7, s7);
      }
    }
    if (i < n) {
      VectorMask<Float> m0 = below(i, n);
      FloatVector h0 = FloatVector.fromArray(FLOATS, x, xOffset + i, m0).sub(mu).mul(r);
      FloatVector g0 =
          FloatVector.fromArray(FLOATS, dy, dyOffset + i, m0)
              .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i, m0));
      s0 = s0.blend(g0.fma(h0, s0), m0);
      VectorMask<Float> m1 = below(i + L, n);
      FloatVector h1 = FloatVector.fromArray(FLOATS, x, xOffset + i + L, m1).sub(mu).mul(r);
      FloatVector g1 =
          FloatVector.fromArray(FLOATS, dy, dyOffset + i + L, m1)
              .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + L, m1));
      s1 = s1.blend(g1.fma(h1, s1), m1);
      if (VECTORS >= 4) {
        VectorMask<Float> m2 = below(i + 2 * L, n);
        FloatVector h2 = FloatVector.fromArray(FLOATS, x, xOffset + i + 2 * L, m2).sub(mu).mul(r);
        FloatVector g2 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 2 * L, m2)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 2 * L, m2));
        s2 = s2.blend(g2.fma(h2, s2), m2);
        VectorMask<Float> m3 = below(i + 3 * L, n);
        FloatVector h3 = FloatVector.fromArray(FLOATS, x, xOffset + i + 3 * L, m3).sub(mu).mul(r);
        FloatVector g3 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 3 * L, m3)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 3 * L, m3));
        s3 = s3.blend(g3.fma(h3, s3), m3);
      }
      if (VECTORS == 8) {
        VectorMask<Float> m4 = below(i + 4 * L, n);
        FloatVector h4 = FloatVector.fromArray(FLOATS, x, xOffset + i + 4 * L, m4).sub(mu).mul(r);
        FloatVector g4 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 4 * L, m4)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 4 * L, m4));
        s4 = s4.blend(g4.fma(h4, s4), m4);
        VectorMask<Float> m5 = below(i + 5 * L, n);
        FloatVector h5 = FloatVector.fromArray(FLOATS, x, xOffset + i + 5 * L, m5).sub(mu).mul(r);
        FloatVector g5 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 5 * L, m5)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 5 * L, m5));
        s5 = s5.blend(g5.fma(h5, s5), m5);
        VectorMask<Float> m6 = below(i + 6 * L, n);
        FloatVector h6 = FloatVector.fromArray(FLOATS, x, xOffset + i + 6 * L, m6).sub(mu).mul(r);
        FloatVector g6 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 6 * L, m6)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 6 * L, m6));
        s6 = s6.blend(g6.fma(h6, s6), m6);
        VectorMask<Float> m7 = below(i + 7 * L, n);
        FloatVector h7 = FloatVector.fromArray(FLOATS, x, xOffset + i + 7 * L, m7).sub(mu).mul(r);
        FloatVector g7 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i + 7 * L, m7)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i + 7 * L, m7));
        s7 = s7.blend(g7.fma(h7, s7), m7);
      }
    }
    if (VECTORS == 8) {
      s0 = s0.add(s4);
      s1 = s1.add(s5);
      s2 = s2.add(s6);
      s3 = s3.add(s7);
    }
    if (VECTORS >= 4) {
      s0 = s0.add(s2);
      s1 = s1.add(s3);
    }
    return fold(s0.add(s1));
  }
}
