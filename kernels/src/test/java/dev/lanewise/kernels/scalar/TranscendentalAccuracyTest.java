package dev.lanewise.kernels.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** exp, tanh and log against StrictMath in double. */
class TranscendentalAccuracyTest {

  /** The functions with the largest error that the exhaustive test found, rounded up. */
  enum Function {
    EXP(1.009) {
      @Override
      float computed(float x) {
        return ScalarMath.exp(x);
      }

      @Override
      double exact(double x) {
        return StrictMath.exp(x);
      }
    },
    TANH(1.332) {
      @Override
      float computed(float x) {
        return ScalarMath.tanh(x);
      }

      @Override
      double exact(double x) {
        return StrictMath.tanh(x);
      }
    },
    LOG(0.832) {
      @Override
      float computed(float x) {
        return ScalarMath.log(x);
      }

      @Override
      double exact(double x) {
        return StrictMath.log(x);
      }
    };

    final double ulps;

    Function(double ulps) {
      this.ulps = ulps;
    }

    abstract float computed(float x);

    abstract double exact(double x);

    final double error(int bits) {
      float x = Float.intBitsToFloat(bits);
      return Ulp.distance(computed(x), exact(x));
    }
  }

  /** Where a branch, a reduction or the range of floats ends. */
  private static final float[] POINTS = {
    0f,
    Float.MIN_NORMAL,
    0.34657359f,
    0.625f,
    0.70710678f,
    1f,
    1.41421356f,
    2f,
    9.0109f,
    44.361f,
    87.33655f,
    88.02969f,
    88.72284f,
    90f,
    103.27893f,
    103.97208f,
    106f,
    0x1p23f,
    Float.MAX_VALUE
  };

  private static final int STEP = 4099;

  @ParameterizedTest
  @EnumSource
  void staysWithinItsBoundOnASample(Function function) {
    double worst = 0;
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STEP) {
      worst = Math.max(worst, function.error((int) bits));
    }
    for (float point : POINTS) {
      for (int near = -500; near <= 500; near++) {
        int bits = Float.floatToRawIntBits(point) + near;
        worst = Math.max(worst, function.error(bits));
        worst = Math.max(worst, function.error(bits ^ Integer.MIN_VALUE));
      }
    }
    assertThat(worst).as("largest error in ulp").isLessThanOrEqualTo(function.ulps);
  }

  /** All 2^32 floats. The scalar definition knows no vector width, so one of them will do. */
  @Tag("exhaustive")
  @EnabledIfSystemProperty(named = "lanewise.vectorBits", matches = "256")
  @ParameterizedTest
  @EnumSource
  void staysWithinItsBoundOnEveryFloat(Function function) {
    double worst =
        IntStream.range(0, 1 << 12)
            .parallel()
            .mapToDouble(
                high -> {
                  double largest = 0;
                  for (int low = 0; low < 1 << 20; low++) {
                    largest = Math.max(largest, function.error((high << 20) | low));
                  }
                  return largest;
                })
            .max()
            .orElseThrow();
    assertThat(worst).as("largest error in ulp").isLessThanOrEqualTo(function.ulps);
  }

  @Test
  void expAtItsEnds() {
    assertThat(ScalarMath.exp(0f)).isEqualTo(1f);
    assertThat(ScalarMath.exp(-0f)).isEqualTo(1f);
    assertThat(ScalarMath.exp(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(ScalarMath.exp(Float.NEGATIVE_INFINITY)).isEqualTo(0f);
    assertThat(ScalarMath.exp(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(ScalarMath.exp(-Float.MAX_VALUE)).isEqualTo(0f);
    assertThat(ScalarMath.exp(Float.NaN)).isNaN();
  }

  @Test
  void tanhAtItsEnds() {
    assertThat(Float.floatToRawIntBits(ScalarMath.tanh(0f))).isZero();
    assertThat(Float.floatToRawIntBits(ScalarMath.tanh(-0f))).isEqualTo(Integer.MIN_VALUE);
    assertThat(ScalarMath.tanh(Float.POSITIVE_INFINITY)).isEqualTo(1f);
    assertThat(ScalarMath.tanh(Float.NEGATIVE_INFINITY)).isEqualTo(-1f);
    assertThat(ScalarMath.tanh(Float.MIN_VALUE)).isEqualTo(Float.MIN_VALUE);
    assertThat(ScalarMath.tanh(Float.NaN)).isNaN();
  }

  @Test
  void logAtItsEnds() {
    assertThat(ScalarMath.log(1f)).isEqualTo(0f);
    assertThat(ScalarMath.log(0f)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(ScalarMath.log(-0f)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(ScalarMath.log(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(ScalarMath.log(-Float.MIN_VALUE)).isNaN();
    assertThat(ScalarMath.log(Float.NEGATIVE_INFINITY)).isNaN();
    assertThat(ScalarMath.log(Float.NaN)).isNaN();
  }
}
