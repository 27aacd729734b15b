package dev.lanewise.kernels.scalar;

/**
 * exp, tanh and log as polynomials in fused multiply-adds: the definition of the bits that every
 * kernel computes. The polynomials are minimax fits by the Remez exchange, their coefficients
 * rounded to float.
 *
 * <p>Public for the vector kernels' scalar moments (one logarithm per row, say), which must give
 * these bits too.
 */
public final class ScalarMath {

  /** exp: 1.5 · 2^23; adding it rounds a float of moderate size to an integer in its low bits. */
  public static final float ROUNDER = 0x1.8p23f;

  /** log2(e). */
  public static final float LOG2_E = 1.44269504f;

  /** High part of ln 2, with trailing zeros: n · LN2_HIGH is exact for the n of a reduction. */
  public static final float LN2_HIGH = 0x1.62e4p-1f;

  /** ln 2 - LN2_HIGH. */
  public static final float LN2_LOW = 0x1.7f7d1cp-20f;

  /** exp is infinite above 88.8 and zero below -104: the reduction never leaves these bounds. */
  public static final float EXP_MAX = 90f;

  /** See {@link #EXP_MAX}. */
  public static final float EXP_MIN = -106f;

  /** (e^r - 1 - r) / r² on ±ln(2)/2, relative error of e^r 3.2e-9. */
  public static final float EXP_0 = 0.49999993253946934f;

  public static final float EXP_1 = 0.1666651776322773f;
  public static final float EXP_2 = 0.04166842176825875f;
  public static final float EXP_3 = 0.008369063383232811f;
  public static final float EXP_4 = 0.0013813882978351616f;

  /** tanh: below this magnitude the odd polynomial, above it 1 - 2 / (e^2x + 1). */
  public static final float TANH_SMALL = 0.625f;

  /** (tanh(x)/x - 1) / x² in x² on [0, 0.4], error 1.7e-10. */
  public static final float TANH_0 = -0.3333333057145718f;

  public static final float TANH_1 = 0.13333195914295085f;
  public static final float TANH_2 = -0.0539453786902988f;
  public static final float TANH_3 = 0.021692608355936983f;
  public static final float TANH_4 = -0.008156283156758051f;
  public static final float TANH_5 = 0.002122747947447731f;

  /** Bits of √½, the lower end of the reduced mantissa of log. */
  public static final int SQRT_HALF_BITS = 0x3f3504f3;

  /** (ln(1+f) - f + f²/2) / f³ on [√½ - 1, √2 - 1], relative error of ln(1+f) 7.5e-10. */
  public static final float LOG_0 = 0.33333312604259063f;

  public static final float LOG_1 = -0.25000009600030904f;
  public static final float LOG_2 = 0.20002118645835304f;
  public static final float LOG_3 = -0.1666799580632319f;
  public static final float LOG_4 = 0.14219552580648573f;
  public static final float LOG_5 = -0.12405589930078698f;
  public static final float LOG_6 = 0.11888161728701299f;
  public static final float LOG_7 = -0.1167564552471056f;
  public static final float LOG_8 = 0.06746633940627528f;

  private ScalarMath() {}

  /** e^x: x = n ln 2 + r with |r| at most ln(2)/2, and e^x = 2^n e^r. */
  public static float exp(float x) {
    float clamped = Math.max(Math.min(x, EXP_MAX), EXP_MIN);
    float rounded = Math.fma(clamped, LOG2_E, ROUNDER);
    float n = rounded - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, clamped));
    float p = Math.fma(EXP_4, r, EXP_3);
    p = Math.fma(p, r, EXP_2);
    p = Math.fma(p, r, EXP_1);
    p = Math.fma(p, r, EXP_0);
    p = Math.fma(p, r * r, r) + 1f;
    // 2^n in two factors: neither overflows, and only the second multiplication rounds.
    int exponent = Float.floatToRawIntBits(rounded) - Float.floatToRawIntBits(ROUNDER);
    int half = exponent >> 1;
    return p * powerOfTwo(half) * powerOfTwo(exponent - half);
  }

  private static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat((exponent + 127) << 23);
  }

  /** tanh x. */
  public static float tanh(float x) {
    float a = Math.abs(x);
    float magnitude;
    if (a < TANH_SMALL) {
      float q = a * a;
      float p = Math.fma(TANH_5, q, TANH_4);
      p = Math.fma(p, q, TANH_3);
      p = Math.fma(p, q, TANH_2);
      p = Math.fma(p, q, TANH_1);
      p = Math.fma(p, q, TANH_0);
      magnitude = Math.fma(p, q * a, a);
    } else {
      magnitude = 1f - 2f / (exp(a + a) + 1f);
    }
    int sign = Float.floatToRawIntBits(x) & 0x80000000;
    return Float.intBitsToFloat(Float.floatToRawIntBits(magnitude) | sign);
  }

  /** ln x: x = 2^n (1 + f) with 1 + f in [√½, √2), and ln x = n ln 2 + ln(1 + f). */
  public static float log(float x) {
    boolean subnormal = x < Float.MIN_NORMAL;
    int bits = Float.floatToRawIntBits(subnormal ? x * 0x1p23f : x) - SQRT_HALF_BITS;
    float n = (bits >> 23) - (subnormal ? 23 : 0);
    float f = Float.intBitsToFloat((bits & 0x007fffff) + SQRT_HALF_BITS) - 1f;
    float q = f * f;
    float p = Math.fma(LOG_8, f, LOG_7);
    p = Math.fma(p, f, LOG_6);
    p = Math.fma(p, f, LOG_5);
    p = Math.fma(p, f, LOG_4);
    p = Math.fma(p, f, LOG_3);
    p = Math.fma(p, f, LOG_2);
    p = Math.fma(p, f, LOG_1);
    p = Math.fma(p, f, LOG_0);
    p = Math.fma(p, q * f, n * LN2_LOW);
    p = Math.fma(q, -0.5f, p);
    float result = Math.fma(n, LN2_HIGH, f + p);
    if (x > 0) {
      return x == Float.POSITIVE_INFINITY ? x : result;
    }
    return x == 0 ? Float.NEGATIVE_INFINITY : Float.NaN;
  }
}
