package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.scalar.ScalarKernels;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What dropout does to many elements. */
class DropoutTest {

  private static final int N = 1 << 20;

  private final Dropout dropout = ScalarKernels.create().dropout();

  private float[] ones(float rate, long key, int stream, int step, long first) {
    float[] x = new float[N];
    Arrays.fill(x, 1f);
    Matrix column = Matrix.of(x, 0, 1);
    dropout.apply(0, N, column, column, new Dropout.Mask(rate, stream), key, step, first);
    return x;
  }

  /** The count of kept elements is binomial; five deviations are one in two million. */
  @ParameterizedTest
  @ValueSource(floats = {0f, 0.1f, 0.2f, 0.5f, 0.9f})
  void keepsItsShare(float rate) {
    float[] y = ones(rate, 42, 3, 17, 5);
    int kept = 0;
    for (float v : y) {
      if (v != 0) {
        assertThat(v).isEqualTo(1 / (1 - rate));
        kept++;
      }
    }
    double deviation = Math.sqrt(N * rate * (1.0 - rate));
    assertThat(Math.abs(kept - N * (1.0 - rate))).isLessThanOrEqualTo(5 * deviation + 1);
  }

  /** Of two independent masks of rate one half, half the elements agree. */
  @Test
  void masksOfOtherKeysStreamsStepsAndNeighboursAreIndependent() {
    float[] mask = ones(0.5f, 42, 3, 17, 0);
    double five = 5 * Math.sqrt(N * 0.25);
    assertThat(agreement(mask, ones(0.5f, 43, 3, 17, 0))).isBetween(N / 2 - five, N / 2 + five);
    assertThat(agreement(mask, ones(0.5f, 42, 4, 17, 0))).isBetween(N / 2 - five, N / 2 + five);
    assertThat(agreement(mask, ones(0.5f, 42, 3, 18, 0))).isBetween(N / 2 - five, N / 2 + five);
    assertThat(agreement(mask, ones(0.5f, 42, 3, 17, 1))).isBetween(N / 2 - five, N / 2 + five);
  }

  private static double agreement(float[] a, float[] b) {
    int equal = 0;
    for (int i = 0; i < N; i++) {
      equal += a[i] == b[i] ? 1 : 0;
    }
    return equal;
  }

  @Test
  void aSliceOfTheStreamHasTheSliceOfTheMask() {
    float[] whole = ones(0.5f, 42, 3, 17, 0);
    float[] part = ones(0.5f, 42, 3, 17, 1000);
    assertThat(Arrays.copyOf(part, N - 1000)).isEqualTo(Arrays.copyOfRange(whole, 1000, N));
  }
}
