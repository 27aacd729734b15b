package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;

import dev.lanewise.kernels.scalar.ScalarMath;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@link ScalarMath} on vectors: the same polynomials, the same bits. */
final class VectorMath {

  /** Within ± this much exponentials are normal numbers: from 2^-125 to 2^125. */
  static final float NEAR = 86f;

  private VectorMath() {}

  static FloatVector exp(FloatVector x) {
    FloatVector clamped = clamp(x, ScalarMath.EXP_MIN, ScalarMath.EXP_MAX);
    FloatVector rounded = rounded(clamped);
    FloatVector p = expOfRemainder(clamped, rounded);
    IntVector exponent =
        rounded.reinterpretAsInts().sub(Float.floatToRawIntBits(ScalarMath.ROUNDER));
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    FloatVector first = half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    FloatVector second =
        exponent.sub(half).add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    return p.mul(first).mul(second);
  }

  /**
   * The same bits as {@link #exp} for half the work, where |x| is at most {@link #NEAR}: what is
   * neither subnormal nor infinite is multiplied by 2^n by adding n to its exponent.
   */
  static FloatVector expNearZero(FloatVector x) {
    FloatVector rounded = rounded(x);
    // The low bits are n; all others of the rounder are shifted out.
    IntVector exponent = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
    return expOfRemainder(x, rounded).reinterpretAsInts().add(exponent).reinterpretAsFloats();
  }

  /** max(x, 0), in two instructions; on x86 a maximum of floats is six, because of NaN and -0. */
  static FloatVector positive(FloatVector x) {
    return x.blend(0f, x.compare(VectorOperators.LE, 0f));
  }

  /** The number nearest to x from min to max, neither of which is zero; NaN stays. */
  static FloatVector clamp(FloatVector x, float min, float max) {
    FloatVector below = x.blend(max, x.compare(VectorOperators.GT, max));
    return below.blend(min, below.lt(min));
  }

  /** x / ln 2 as an integer, in the low bits of the rounder. */
  private static FloatVector rounded(FloatVector x) {
    FloatVector rounder = FloatVector.broadcast(FLOATS, ScalarMath.ROUNDER);
    return x.fma(FloatVector.broadcast(FLOATS, ScalarMath.LOG2_E), rounder);
  }

  /** e^r, with r what x is beyond a whole multiple of ln 2. */
  private static FloatVector expOfRemainder(FloatVector x, FloatVector rounded) {
    FloatVector n = rounded.sub(ScalarMath.ROUNDER);
    FloatVector r =
        n.fma(
            FloatVector.broadcast(FLOATS, -ScalarMath.LN2_LOW),
            n.fma(FloatVector.broadcast(FLOATS, -ScalarMath.LN2_HIGH), x));
    FloatVector p = FloatVector.broadcast(FLOATS, ScalarMath.EXP_4);
    p = p.fma(r, FloatVector.broadcast(FLOATS, ScalarMath.EXP_3));
    p = p.fma(r, FloatVector.broadcast(FLOATS, ScalarMath.EXP_2));
    p = p.fma(r, FloatVector.broadcast(FLOATS, ScalarMath.EXP_1));
    p = p.fma(r, FloatVector.broadcast(FLOATS, ScalarMath.EXP_0));
    return p.fma(r.mul(r), r).add(1f);
  }

  static FloatVector tanh(FloatVector x) {
    FloatVector a = x.abs();
    FloatVector q = a.mul(a);
    FloatVector p = FloatVector.broadcast(FLOATS, ScalarMath.TANH_5);
    p = p.fma(q, FloatVector.broadcast(FLOATS, ScalarMath.TANH_4));
    p = p.fma(q, FloatVector.broadcast(FLOATS, ScalarMath.TANH_3));
    p = p.fma(q, FloatVector.broadcast(FLOATS, ScalarMath.TANH_2));
    p = p.fma(q, FloatVector.broadcast(FLOATS, ScalarMath.TANH_1));
    p = p.fma(q, FloatVector.broadcast(FLOATS, ScalarMath.TANH_0));
    FloatVector small = p.fma(q.mul(a), a);
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector large = one.sub(two.div(exp(a.add(a)).add(one)));
    FloatVector magnitude = large.blend(small, a.lt(ScalarMath.TANH_SMALL));
    IntVector sign = x.reinterpretAsInts().and(0x80000000);
    return magnitude.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  static FloatVector log(FloatVector x) {
    VectorMask<Float> subnormal = x.lt(Float.MIN_NORMAL);
    IntVector bits =
        x.blend(x.mul(0x1p23f), subnormal).reinterpretAsInts().sub(ScalarMath.SQRT_HALF_BITS);
    FloatVector f =
        bits.and(0x007fffff).add(ScalarMath.SQRT_HALF_BITS).reinterpretAsFloats().sub(1f);
    // Adding an integer to the rounder's bits and taking the rounder away converts it to float.
    FloatVector n =
        bits.lanewise(VectorOperators.ASHR, 23)
            .add(Float.floatToRawIntBits(ScalarMath.ROUNDER))
            .reinterpretAsFloats()
            .sub(ScalarMath.ROUNDER);
    FloatVector result = logSum(n.blend(n.sub(23f), subnormal), f);
    result = result.blend(Float.POSITIVE_INFINITY, x.eq(Float.POSITIVE_INFINITY));
    result = result.blend(Float.NEGATIVE_INFINITY, x.eq(0f));
    return result.blend(Float.NaN, x.compare(VectorOperators.GE, 0f).not());
  }

  /** n ln 2 + ln(1 + f); a method of its own, because C2 inlines none of more than 325 bytes. */
  private static FloatVector logSum(FloatVector n, FloatVector f) {
    FloatVector q = f.mul(f);
    FloatVector p = FloatVector.broadcast(FLOATS, ScalarMath.LOG_8);
    p = p.fma(f, FloatVector.broadcast(FLOATS, ScalarMath.LOG_7));
    p = p.fma(f, FloatVector.broadcast(FLOATS, ScalarMath.LOG_6));
    p = p.fma(f, FloatVector.broadcast(FLOATS, ScalarMath.LOG_5));
    p = p.fma(f, FloatVector.broadcast(FLOATS, ScalarMath.LOG_4));
    p = p.fma(f, FloatVector.broadcast(FLOATS, ScalarMath.LOG_3));
    p = p.fma(f, FloatVector.broadcast(FLOATS, ScalarMath.LOG_2));
    p = p.fma(f, FloatVector.broadcast(FLOATS, ScalarMath.LOG_1));
    p = p.fma(f, FloatVector.broadcast(FLOATS, ScalarMath.LOG_0));
    p = p.fma(q.mul(f), n.mul(ScalarMath.LN2_LOW));
    p = q.fma(FloatVector.broadcast(FLOATS, -0.5f), p);
    return n.fma(FloatVector.broadcast(FLOATS, ScalarMath.LN2_HIGH), f.add(p));
  }
}
