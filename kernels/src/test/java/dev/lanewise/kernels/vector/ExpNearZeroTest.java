package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.scalar.ScalarMath;
import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpNearZeroTest {

  private static final int COUNT = 1 << 16;

  @Test
  void hasTheBitsOfExp() {
    SplittableRandom random = new SplittableRandom(1);
    float[] x = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      x[i] = (float) random.nextDouble(-VectorMath.NEAR, VectorMath.NEAR);
    }
    assertHasTheBitsOfExp(x);
  }

  /** At the ends, at zero, among the smallest normal numbers, and where n changes. */
  @ParameterizedTest
  @ValueSource(floats = {VectorMath.NEAR, 0.34657359f, 0x1p-126f, 0f})
  void alsoAroundTheseNumbers(float magnitude) {
    float[] x = new float[COUNT];
    // From a little below it to a little above it, but where it is an end.
    float next = magnitude;
    for (int i = 0; i < COUNT / 4 && magnitude > 0 && magnitude < 1; i++) {
      next = Math.nextDown(next);
    }
    for (int i = 0; i < COUNT; i += 2) {
      x[i] = next;
      x[i + 1] = -next;
      next = magnitude < 1 ? Math.nextUp(next) : Math.nextDown(next);
    }
    assertHasTheBitsOfExp(x);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x7fc00000, 0xffc00000})
  void theMaximumIsNaNIfAnElementIs(int bits) {
    float[] x = new float[2 * L + 1];
    for (int i = 0; i < x.length; i++) {
      x[i] = Float.intBitsToFloat(bits);
      assertThat(VectorSoftmax.max(VectorSoftmax.extremes(x.length, 1f, x, 0))).isNaN();
      x[i] = 1;
    }
  }

  @Test
  void whatIsLessIsNotNear() {
    float below = Math.nextDown(-VectorMath.NEAR);
    assertThat(isNear(0f, -VectorMath.NEAR)).isTrue();
    assertThat(isNear(0f, below)).isFalse();
    assertThat(isNear(VectorMath.NEAR, 0f)).isTrue();
    assertThat(isNear(0f, Float.NEGATIVE_INFINITY)).isFalse();
    assertThat(isNear(Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY)).isFalse();
    assertThat(isNear(0f, Float.NaN)).isFalse();
  }

  private static boolean isNear(float one, float other) {
    float[] x = new float[2 * L + 1];
    x[1] = one;
    x[2 * L] = other;
    return VectorSoftmax.isNear(VectorSoftmax.extremes(x.length, 1f, x, 0));
  }

  private static void assertHasTheBitsOfExp(float[] x) {
    float[] lanes = new float[L];
    for (int i = 0; i < x.length; i += L) {
      VectorMath.expNearZero(FloatVector.fromArray(FLOATS, x, i)).intoArray(lanes, 0);
      for (int j = 0; j < L; j++) {
        assertThat(Float.floatToRawIntBits(lanes[j]))
            .as("exp(%s)", x[i + j])
            .isEqualTo(Float.floatToRawIntBits(ScalarMath.exp(x[i + j])));
      }
    }
  }
}
