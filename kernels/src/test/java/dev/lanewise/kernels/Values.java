package dev.lanewise.kernels;

import java.util.SplittableRandom;

/** Kinds of test data; each is a function of a seed. */
enum Values {
  /** Standard normal: sums stay finite, so every bit of a result means something. */
  ORDINARY {
    @Override
    float next(SplittableRandom random) {
      return (float) random.nextGaussian();
    }
  },

  /** Finite, of any magnitude from the smallest denormal to the largest float. */
  WIDE {
    @Override
    float next(SplittableRandom random) {
      int bits = random.nextInt();
      int exponent = (bits >>> 23) & 0xff;
      return Float.intBitsToFloat(exponent == 0xff ? bits ^ 0x40000000 : bits);
    }
  },

  /** Normal with a rare special value, which leaves most rows finite. */
  SPRINKLED {
    @Override
    float next(SplittableRandom random) {
      return random.nextInt(100) == 0 ? special(random) : (float) random.nextGaussian();
    }
  },

  /** Every other value is special. */
  SPECIAL {
    @Override
    float next(SplittableRandom random) {
      return random.nextBoolean() ? special(random) : (float) random.nextGaussian();
    }
  };

  /**
   * What tends to go wrong: the ends of the float range, signed zeros, denormals, and the points
   * where exp, tanh and log change branch or leave the range of floats.
   */
  private static final float[] SPECIALS = {
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    0x1.fffffcp-127f,
    -0x1.fffffcp-127f,
    Float.MIN_NORMAL,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    1f,
    -1f,
    0.625f,
    Math.nextDown(0.625f),
    -0.625f,
    0.70710677f,
    0.70710683f,
    88.72283f,
    88.72284f,
    -87.33655f,
    -103.27893f,
    -103.97208f,
    1e30f,
    -1e30f
  };

  abstract float next(SplittableRandom random);

  private static float special(SplittableRandom random) {
    return SPECIALS[random.nextInt(SPECIALS.length)];
  }
}
