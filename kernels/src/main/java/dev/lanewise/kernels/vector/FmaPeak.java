package dev.lanewise.kernels.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Nothing but fused multiply-adds in registers, to measure how many a core can do: the peak that
 * kernels are compared with. Runs at the width that the hardware prefers, whatever width the
 * kernels have been told to use.
 *
 * <p>A core reaches its peak when as many chains are under way as its ports times their latency: 8
 * on most x64 cores, 16 on some aarch64 cores. But a chain more than there are registers for goes
 * through memory. Hence two variants where both may be the better one; x64 cores do with 10 chains
 * at most, and every start of a training waits for this measurement.
 */
public final class FmaPeak {

  /** How many variants are worth measuring here. */
  public static final int VARIANTS = "amd64".equals(System.getProperty("os.arch")) ? 1 : 2;

  private static final VectorSpecies<Float> SPECIES =
      VectorSpecies.of(float.class, FloatVector.SPECIES_PREFERRED.vectorShape());

  private static final int FLOPS_OF_FMA = 2;

  private FmaPeak() {}

  /**
   * Does fused multiply-adds.
   *
   * @param variant 0 or 1
   * @param iterations of a loop that has one in each chain
   * @param sink one float or more; the first receives something computed, so that nothing is
   *     optimized away
   * @return the floating-point operations done, two for each lane of each
   */
  public static long run(int variant, int iterations, float[] sink) {
    int chains = variant == 0 ? twelve(iterations, sink) : sixteen(iterations, sink);
    return (long) FLOPS_OF_FMA * chains * SPECIES.length() * iterations;
  }

  private static int twelve(int iterations, float[] sink) {
    FloatVector x = FloatVector.broadcast(SPECIES, sink[0]);
    FloatVector c0 = x;
    FloatVector c1 = x.neg();
    FloatVector c2 = x.add(1f);
    FloatVector c3 = x.add(2f);
    FloatVector c4 = x.add(3f);
    FloatVector c5 = x.add(4f);
    FloatVector c6 = x.add(5f);
    FloatVector c7 = x.add(6f);
    FloatVector c8 = x.add(7f);
    FloatVector c9 = x.add(8f);
    FloatVector c10 = x.add(9f);
    FloatVector c11 = x.add(10f);
    for (int i = 0; i < iterations; i++) {
      c0 = c0.fma(x, x);
      c1 = c1.fma(x, x);
      c2 = c2.fma(x, x);
      c3 = c3.fma(x, x);
      c4 = c4.fma(x, x);
      c5 = c5.fma(x, x);
      c6 = c6.fma(x, x);
      c7 = c7.fma(x, x);
      c8 = c8.fma(x, x);
      c9 = c9.fma(x, x);
      c10 = c10.fma(x, x);
      c11 = c11.fma(x, x);
    }
    FloatVector low = c0.add(c1).add(c2).add(c3).add(c4).add(c5);
    sink[0] = settle(low.add(c6).add(c7).add(c8).add(c9).add(c10).add(c11));
    return 12;
  }

  private static int sixteen(int iterations, float[] sink) {
    FloatVector x = FloatVector.broadcast(SPECIES, sink[0]);
    FloatVector c0 = x;
    FloatVector c1 = x.neg();
    FloatVector c2 = x.add(1f);
    FloatVector c3 = x.add(2f);
    FloatVector c4 = x.add(3f);
    FloatVector c5 = x.add(4f);
    FloatVector c6 = x.add(5f);
    FloatVector c7 = x.add(6f);
    FloatVector c8 = x.add(7f);
    FloatVector c9 = x.add(8f);
    FloatVector c10 = x.add(9f);
    FloatVector c11 = x.add(10f);
    FloatVector c12 = x.add(11f);
    FloatVector c13 = x.add(12f);
    FloatVector c14 = x.add(13f);
    FloatVector c15 = x.add(14f);
    for (int i = 0; i < iterations; i++) {
      c0 = c0.fma(x, x);
      c1 = c1.fma(x, x);
      c2 = c2.fma(x, x);
      c3 = c3.fma(x, x);
      c4 = c4.fma(x, x);
      c5 = c5.fma(x, x);
      c6 = c6.fma(x, x);
      c7 = c7.fma(x, x);
      c8 = c8.fma(x, x);
      c9 = c9.fma(x, x);
      c10 = c10.fma(x, x);
      c11 = c11.fma(x, x);
      c12 = c12.fma(x, x);
      c13 = c13.fma(x, x);
      c14 = c14.fma(x, x);
      c15 = c15.fma(x, x);
    }
    FloatVector low = c0.add(c1).add(c2).add(c3).add(c4).add(c5).add(c6).add(c7);
    sink[0] = settle(low.add(c8).add(c9).add(c10).add(c11).add(c12).add(c13).add(c14).add(c15));
    return 16;
  }

  /** Brings the sum back to about a half, so that the next run's numbers stay ordinary ones. */
  private static float settle(FloatVector sum) {
    return 0.5f + Math.min(Math.abs(sum.lane(0)), 1f) * 0x1p-10f;
  }
}
