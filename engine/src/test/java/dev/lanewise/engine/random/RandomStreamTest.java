package dev.lanewise.engine.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.Philox;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The seeds are fixed, so that a bound either holds or does not. */
class RandomStreamTest {

  private static final int DRAWS = 1_000_000;

  @Test
  void readsTheBlocksOfPhiloxWordByWord() {
    RandomStream random = new RandomStream(0x123456789ABCDEFL, RandomStream.DATA, 7);
    int[] words = new int[4];
    for (int block = 0; block < 10; block++) {
      Philox.block(0x123456789ABCDEFL, block, RandomStream.DATA, 7, words);
      for (int word : words) {
        assertThat(random.nextInt()).isEqualTo(word);
      }
    }
  }

  @Test
  void startsAnewWhereverItIsMade() {
    RandomStream first = new RandomStream(1, RandomStream.SAMPLING, 2);
    RandomStream second = new RandomStream(1, RandomStream.SAMPLING, 2);
    for (int i = 0; i < 100; i++) {
      assertThat(first.nextLong()).isEqualTo(second.nextLong());
      assertThat(first.nextGaussian()).isEqualTo(second.nextGaussian());
      assertThat(first.nextInt(10)).isEqualTo(second.nextInt(10));
    }
  }

  /** Numbers that every run ever made depends on. */
  @Test
  void neverChanges() {
    RandomStream random = new RandomStream(42, RandomStream.INITIALIZATION, 0);

    assertThat(random.nextGaussian()).isEqualTo(0.9989692565247854);
    assertThat(random.nextGaussian()).isEqualTo(-1.035824294221644);
    assertThat(random.nextInt(1000)).isEqualTo(331);
    assertThat(random.nextFloat()).isEqualTo(0.30152857f);
    assertThat(random.nextDouble()).isEqualTo(0.03964653391176243);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 10, 100})
  void boundedIntegersAreUniform(int bound) {
    int[] counts = new int[bound];
    RandomStream random = new RandomStream(3, RandomStream.DIAGNOSTICS, bound);
    for (int i = 0; i < DRAWS; i++) {
      counts[random.nextInt(bound)]++;
    }
    double expected = (double) DRAWS / bound;
    double chiSquare = 0;
    for (int count : counts) {
      chiSquare += (count - expected) * (count - expected) / expected;
    }
    // The mean of chi-square is bound - 1, its variance twice that; five deviations.
    assertThat(chiSquare).isLessThanOrEqualTo(bound - 1 + 5 * Math.sqrt(2.0 * bound));
  }

  /** A remainder instead of rejection would give the lower third twice as often. */
  @Test
  void greatBoundsHaveNoBias() {
    int bound = 0x60000000;
    RandomStream random = new RandomStream(4, RandomStream.DIAGNOSTICS, 0);
    int low = 0;
    for (int i = 0; i < DRAWS; i++) {
      low += random.nextInt(bound) < bound / 3 ? 1 : 0;
    }
    assertThat(low / (double) DRAWS).isCloseTo(1 / 3.0, within(0.003));
  }

  @Test
  void theGreatestBoundIsKept() {
    RandomStream random = new RandomStream(4, 0, 0);
    int upperHalf = 0;
    for (int i = 0; i < 1000; i++) {
      int drawn = random.nextInt(Integer.MAX_VALUE);
      assertThat(drawn).isBetween(0, Integer.MAX_VALUE - 1);
      upperHalf += drawn > Integer.MAX_VALUE / 2 ? 1 : 0;
    }
    assertThat(upperHalf).isBetween(400, 600);
  }

  @Test
  void refusesABoundOfNothing() {
    RandomStream random = new RandomStream(4, 0, 0);

    assertThatIllegalArgumentException().isThrownBy(() -> random.nextInt(0));
    assertThatIllegalArgumentException().isThrownBy(() -> random.nextInt(-5));
  }

  @Test
  void floatsAndDoublesAreUniformAndBelowOne() {
    RandomStream random = new RandomStream(6, RandomStream.DIAGNOSTICS, 1);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < DRAWS; i++) {
      float f = random.nextFloat();
      double d = random.nextDouble();
      assertThat(f >= 0 && f < 1 && d >= 0 && d < 1).isTrue();
      sum += f + d;
      squares += f * f + d * d;
    }
    assertThat(sum / (2 * DRAWS)).isCloseTo(0.5, within(0.001));
    assertThat(squares / (2 * DRAWS)).isCloseTo(1 / 3.0, within(0.001));
  }

  @Test
  void gaussiansHaveTheMomentsOfTheNormalDistribution() {
    RandomStream random = new RandomStream(7, RandomStream.DIAGNOSTICS, 2);
    double[] moments = new double[5];
    int beyondTwo = 0;
    double successive = 0;
    double previous = 0;
    for (int i = 0; i < DRAWS; i++) {
      double x = random.nextGaussian();
      double power = 1;
      for (int k = 0; k < moments.length; k++) {
        moments[k] += power / DRAWS;
        power *= x;
      }
      beyondTwo += Math.abs(x) > 2 ? 1 : 0;
      successive += x * previous / DRAWS;
      previous = x;
    }
    // Four deviations of the estimates: sqrt(1, 2, 15, 96) / 1000.
    assertThat(moments[1]).as("mean").isCloseTo(0, within(0.004));
    assertThat(moments[2]).as("variance").isCloseTo(1, within(0.006));
    assertThat(moments[3]).as("skew").isCloseTo(0, within(0.016));
    assertThat(moments[4]).as("fourth moment").isCloseTo(3, within(0.04));
    assertThat(beyondTwo / (double) DRAWS).isCloseTo(0.0455, within(0.001));
    assertThat(successive).as("correlation with the next").isCloseTo(0, within(0.004));
  }

  @Test
  void streamsStepsAndSeedsAreIndependent() {
    RandomStream[] streams = {
      new RandomStream(8, 0, 0), new RandomStream(8, 1, 0), new RandomStream(8, 0, 1),
      new RandomStream(9, 0, 0), new RandomStream(8, -1, 0), new RandomStream(8L << 32, 0, 0),
    };
    double[][] correlations = new double[streams.length][streams.length];
    double[] x = new double[streams.length];
    for (int i = 0; i < DRAWS / 10; i++) {
      for (int j = 0; j < x.length; j++) {
        x[j] = streams[j].nextGaussian();
        for (int k = 0; k < j; k++) {
          correlations[j][k] += x[j] * x[k] / (DRAWS / 10);
        }
      }
    }
    for (int j = 0; j < x.length; j++) {
      for (int k = 0; k < j; k++) {
        assertThat(correlations[j][k]).as("%d and %d", j, k).isCloseTo(0, within(0.0127));
      }
    }
  }

  @Test
  void neighbouringAddressesShareNoNumbers() {
    Set<Long> firsts = new HashSet<>();
    for (int step = 0; step < 1000; step++) {
      for (int stream = -4; stream < 20; stream++) {
        firsts.add(new RandomStream(1, stream, step).nextLong());
      }
    }
    assertThat(firsts).hasSize(24_000);
  }
}
