package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import dev.lanewise.kernels.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Lane sums ({@link Lanes}) with the 32 lanes in vectors: 2 of 512 bits or 4 of 256 in one pass
 * over the row, or 8 of 128 in two passes of four. Conditions on {@link #VECTORS} are constants to
 * the compiler: one of the three shapes remains.
 *
 * <p>The end of a row is a loop with one copy of the masked code, in which the vectors of lanes
 * take turns at the first place. A copy for each of them is too large: C1 gives up on it, and
 * leaves the method without the profile that C2 waits for; or C2 stops inlining, and boxes. The
 * fold of the lanes is written out four times for the same reason: C2 inlines the Vector API in any
 * case, but not a method of ours at the end of a large one.
 *
 * <p>In that loop methods are called on what has just been loaded, whose class C2 knows. A masked
 * add to a vector of lanes sees their class in a profile only, which all masked adds share, and of
 * which the ends of long rows make too little: C2 would call it, and make objects of the lanes
 * throughout. A plain add has the profile of the loop before.
 */
final class VectorLanes {

  /** Vectors that hold the 32 lanes. */
  private static final int VECTORS = Lanes.COUNT / L;

  /** Lanes that one pass over the row sums. */
  private static final int PASS = Math.min(4, VECTORS) * L;

  private static final VectorShuffle<Float> ROTATE_8 = rotate(8);
  private static final VectorShuffle<Float> ROTATE_4 = rotate(4);
  private static final VectorShuffle<Float> ROTATE_2 = rotate(2);
  private static final VectorShuffle<Float> ROTATE_1 = rotate(1);

  private VectorLanes() {}

  private static VectorShuffle<Float> rotate(int lanes) {
    return VectorShuffle.fromOp(FLOATS, i -> (i + lanes) % L);
  }

  /** The lane sum of x. */
  static float sum(int n, float[] x, int xOffset) {
    // What is added to -0 keeps its sign, zeros too: the first pass is the sum itself.
    FloatVector t0 = FloatVector.broadcast(FLOATS, -0f);
    FloatVector t1 = t0;
    FloatVector t2 = t0;
    FloatVector t3 = t0;
    for (int first = 0; first < Lanes.COUNT; first += PASS) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int i = first;
      for (; i <= n - PASS; i += Lanes.COUNT) {
        s0 = s0.add(FloatVector.fromArray(FLOATS, x, xOffset + i));
        s1 = s1.add(FloatVector.fromArray(FLOATS, x, xOffset + i + L));
        if (VECTORS >= 4) {
          s2 = s2.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 2 * L));
          s3 = s3.add(FloatVector.fromArray(FLOATS, x, xOffset + i + 3 * L));
        }
      }
      for (int end = i < n ? i + PASS : i; i < end; i += L) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        // A sum that began at +0 is never -0, so zeros do not change it.
        FloatVector s = FloatVector.fromArray(FLOATS, x, xOffset + i, mask).add(s0);
        s0 = s1;
        if (VECTORS >= 4) {
          s1 = s2;
          s2 = s3;
          s3 = s;
        } else {
          s1 = s;
        }
      }
      t0 = t0.add(s0);
      t1 = t1.add(s1);
      t2 = t2.add(s2);
      t3 = t3.add(s3);
    }
    if (VECTORS >= 4) {
      t0 = t0.add(t2);
      t1 = t1.add(t3);
    }
    FloatVector t = t0.add(t1);
    if (L >= 16) {
      t = t.add(t.rearrange(ROTATE_8));
    }
    if (L >= 8) {
      t = t.add(t.rearrange(ROTATE_4));
    }
    t = t.add(t.rearrange(ROTATE_2));
    t = t.add(t.rearrange(ROTATE_1));
    return t.lane(0);
  }

  /** The lane sum of a · b, each lane a chain of fma. */
  static float dot(int n, float[] a, int aOffset, float[] b, int bOffset) {
    FloatVector t0 = FloatVector.broadcast(FLOATS, -0f);
    FloatVector t1 = t0;
    FloatVector t2 = t0;
    FloatVector t3 = t0;
    for (int first = 0; first < Lanes.COUNT; first += PASS) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int i = first;
      for (; i <= n - PASS; i += Lanes.COUNT) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, a, aOffset + i);
        FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + i);
        s0 = a0.fma(b0, s0);
        FloatVector a1 = FloatVector.fromArray(FLOATS, a, aOffset + i + L);
        FloatVector b1 = FloatVector.fromArray(FLOATS, b, bOffset + i + L);
        s1 = a1.fma(b1, s1);
        if (VECTORS >= 4) {
          FloatVector a2 = FloatVector.fromArray(FLOATS, a, aOffset + i + 2 * L);
          FloatVector b2 = FloatVector.fromArray(FLOATS, b, bOffset + i + 2 * L);
          s2 = a2.fma(b2, s2);
          FloatVector a3 = FloatVector.fromArray(FLOATS, a, aOffset + i + 3 * L);
          FloatVector b3 = FloatVector.fromArray(FLOATS, b, bOffset + i + 3 * L);
          s3 = a3.fma(b3, s3);
        }
      }
      for (int end = i < n ? i + PASS : i; i < end; i += L) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        FloatVector a0 = FloatVector.fromArray(FLOATS, a, aOffset + i, mask);
        FloatVector b0 = FloatVector.fromArray(FLOATS, b, bOffset + i, mask);
        // A chain of fma can be -0, by a product that underflows: zeros would change it.
        FloatVector s = a0.fma(b0, s0).blend(s0, mask.not());
        s0 = s1;
        if (VECTORS >= 4) {
          s1 = s2;
          s2 = s3;
          s3 = s;
        } else {
          s1 = s;
        }
      }
      t0 = t0.add(s0);
      t1 = t1.add(s1);
      t2 = t2.add(s2);
      t3 = t3.add(s3);
    }
    if (VECTORS >= 4) {
      t0 = t0.add(t2);
      t1 = t1.add(t3);
    }
    FloatVector t = t0.add(t1);
    if (L >= 16) {
      t = t.add(t.rearrange(ROTATE_8));
    }
    if (L >= 8) {
      t = t.add(t.rearrange(ROTATE_4));
    }
    t = t.add(t.rearrange(ROTATE_2));
    t = t.add(t.rearrange(ROTATE_1));
    return t.lane(0);
  }

  /** The lane sum of (x - mean)², each lane a chain of fma. */
  static float squaredDifferences(int n, float[] x, int xOffset, float mean) {
    FloatVector mu = FloatVector.broadcast(FLOATS, mean);
    FloatVector t0 = FloatVector.broadcast(FLOATS, -0f);
    FloatVector t1 = t0;
    FloatVector t2 = t0;
    FloatVector t3 = t0;
    for (int first = 0; first < Lanes.COUNT; first += PASS) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int i = first;
      for (; i <= n - PASS; i += Lanes.COUNT) {
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
      }
      for (int end = i < n ? i + PASS : i; i < end; i += L) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        FloatVector d0 = FloatVector.fromArray(FLOATS, x, xOffset + i, mask).sub(mu);
        FloatVector s = d0.fma(d0, s0).blend(s0, mask.not());
        s0 = s1;
        if (VECTORS >= 4) {
          s1 = s2;
          s2 = s3;
          s3 = s;
        } else {
          s1 = s;
        }
      }
      t0 = t0.add(s0);
      t1 = t1.add(s1);
      t2 = t2.add(s2);
      t3 = t3.add(s3);
    }
    if (VECTORS >= 4) {
      t0 = t0.add(t2);
      t1 = t1.add(t3);
    }
    FloatVector t = t0.add(t1);
    if (L >= 16) {
      t = t.add(t.rearrange(ROTATE_8));
    }
    if (L >= 8) {
      t = t.add(t.rearrange(ROTATE_4));
    }
    t = t.add(t.rearrange(ROTATE_2));
    t = t.add(t.rearrange(ROTATE_1));
    return t.lane(0);
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
    FloatVector t0 = FloatVector.broadcast(FLOATS, -0f);
    FloatVector t1 = t0;
    FloatVector t2 = t0;
    FloatVector t3 = t0;
    for (int first = 0; first < Lanes.COUNT; first += PASS) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      int i = first;
      for (; i <= n - PASS; i += Lanes.COUNT) {
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
      }
      for (int end = i < n ? i + PASS : i; i < end; i += L) {
        VectorMask<Float> mask = FLOATS.indexInRange(i, n);
        FloatVector h0 = FloatVector.fromArray(FLOATS, x, xOffset + i, mask).sub(mu).mul(r);
        FloatVector g0 =
            FloatVector.fromArray(FLOATS, dy, dyOffset + i, mask)
                .mul(FloatVector.fromArray(FLOATS, gain, gainOffset + i, mask));
        FloatVector s = g0.fma(h0, s0).blend(s0, mask.not());
        s0 = s1;
        if (VECTORS >= 4) {
          s1 = s2;
          s2 = s3;
          s3 = s;
        } else {
          s1 = s;
        }
      }
      t0 = t0.add(s0);
      t1 = t1.add(s1);
      t2 = t2.add(s2);
      t3 = t3.add(s3);
    }
    if (VECTORS >= 4) {
      t0 = t0.add(t2);
      t1 = t1.add(t3);
    }
    FloatVector t = t0.add(t1);
    if (L >= 16) {
      t = t.add(t.rearrange(ROTATE_8));
    }
    if (L >= 8) {
      t = t.add(t.rearrange(ROTATE_4));
    }
    t = t.add(t.rearrange(ROTATE_2));
    t = t.add(t.rearrange(ROTATE_1));
    return t.lane(0);
  }
}
