package dev.lanewise.trainer.text.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class WindowOrderTest {

  @Property(tries = 300)
  void everyWindowComesOnce(
      @ForAll long seed,
      @ForAll @LongRange(min = 0, max = 1L << 31) long epoch,
      @ForAll @IntRange(min = 1, max = 5000) int size) {
    WindowOrder order = order(seed, epoch, size, 1);
    BitSet seen = new BitSet(size);
    for (int i = 0; i < size; i++) {
      long window = order.window(i);
      assertThat(window).isBetween(0L, size - 1L);
      seen.set((int) window);
    }
    assertThat(seen.cardinality()).isEqualTo(size);
  }

  @Property(tries = 300)
  void hugeSizesStayInside(
      @ForAll @LongRange(min = 1, max = 1L << 60) long size,
      @ForAll @LongRange(min = 0) long index) {
    WindowOrder order = order(1, 2, size, 1);
    assertThat(order.window(index % size)).isBetween(0L, size - 1);
  }

  @Property
  void phasesAreInside(@ForAll long seed, @ForAll @IntRange(min = 1) int phases) {
    assertThat(order(seed, 3, 10, phases).phase()).isBetween(0, phases - 1);
  }

  @Test
  void smallSizesReachEveryPermutation() {
    Set<String> permutations = new HashSet<>();
    for (int epoch = 0; epoch < 1000; epoch++) {
      WindowOrder order = order(5, epoch, 4, 1);
      permutations.add("" + order.window(0) + order.window(1) + order.window(2) + order.window(3));
    }
    assertThat(permutations).hasSize(24);
  }

  /**
   * Chi-square over (place, window) in a hundred cells, and the same over the steps from one window
   * to the next.
   */
  @Test
  void placesAndNeighboursAreSpreadEvenly() {
    int size = 1000;
    int epochs = 200;
    long[] places = new long[100];
    long[] steps = new long[100];
    for (int epoch = 0; epoch < epochs; epoch++) {
      WindowOrder order = order(11, epoch, size, 1);
      for (int i = 0; i < size; i++) {
        places[i * 10 / size * 10 + (int) (order.window(i) * 10 / size)]++;
        long step = Math.floorMod(order.window((i + 1) % size) - order.window(i), size);
        steps[(int) (step * 100 / size)]++;
      }
    }
    assertThat(chiSquare(places)).isLessThan(150);
    assertThat(chiSquare(steps)).isLessThan(160);
  }

  private static WindowOrder order(long seed, long epoch, long size, int phases) {
    WindowOrder order = new WindowOrder(seed, size, phases);
    order.begin(epoch);
    return order;
  }

  private static double chiSquare(long[] cells) {
    double expected = java.util.Arrays.stream(cells).average().orElseThrow();
    return java.util.Arrays.stream(cells)
        .mapToDouble(n -> (n - expected) * (n - expected) / expected)
        .sum();
  }
}
