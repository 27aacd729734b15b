package dev.lanewise.trainer.text.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BatchSamplerTest {

  /** Token i has id i, so that a window shows where it was cut. */
  private static TokenSequence counting(int size) {
    return TokenSequence.of(IntStream.range(0, size).toArray(), Math.max(1, size));
  }

  @Property(tries = 500)
  void anEpochHasDisjointInputsAndMissesFewerThanTwoContexts(
      @ForAll @IntRange(min = 2, max = 600) int size,
      @ForAll @IntRange(min = 1, max = 40) int context,
      @ForAll @IntRange(max = 5) int epoch,
      @ForAll int seed) {
    Assume.that(size > context);
    BatchSampler sampler = new BatchSampler(counting(size), 1, context, seed);
    long windows = sampler.windowsPerEpoch();
    int[] row = new int[context + 1];
    int[] seen = new int[size];
    for (long i = 0; i < windows; i++) {
      sampler.draw(epoch * windows + i, row);
      for (int t = 0; t < context; t++) {
        assertThat(row[t + 1]).isEqualTo(row[t] + 1);
        seen[row[t]]++;
      }
    }
    assertThat(Arrays.stream(seen).max().orElseThrow()).isEqualTo(1);
    assertThat(Arrays.stream(seen).filter(n -> n == 0).count()).isLessThan(2L * context + 1);
  }

  @Property(tries = 200)
  void aDrawDependsOnSeedAndIndexOnly(
      @ForAll int seed,
      @ForAll @IntRange(max = 1000) int index,
      @ForAll @IntRange(max = 1000) int before,
      @ForAll @IntRange(min = 1, max = 9) int batch) {
    BatchSampler fresh = new BatchSampler(counting(500), batch, 16, seed);
    BatchSampler used = new BatchSampler(counting(500), batch, 16, seed);
    used.draw(before, new int[batch * 17]);
    assertThat(draw(used, index, batch, 16)).isEqualTo(draw(fresh, index, batch, 16));
  }

  @Test
  void rowsOfLargerBatchesAreTheSameWindowsInTheSameOrder() {
    BatchSampler one = new BatchSampler(counting(300), 1, 8, 3);
    BatchSampler four = new BatchSampler(counting(300), 4, 8, 3);
    for (int draw = 0; draw < 30; draw++) {
      int[] rows = draw(four, draw, 4, 8);
      for (int b = 0; b < 4; b++) {
        assertThat(Arrays.copyOfRange(rows, b * 9, b * 9 + 9))
            .isEqualTo(draw(one, 4L * draw + b, 1, 8));
      }
    }
  }

  @Test
  void seedsAndEpochsHaveOrdersOfTheirOwn() {
    BatchSampler a = new BatchSampler(counting(5000), 16, 16, 1);
    BatchSampler b = new BatchSampler(counting(5000), 16, 16, 2);
    int[] first = draw(a, 0, 16, 16);
    assertThat(draw(b, 0, 16, 16)).isNotEqualTo(first);
    assertThat(draw(a, a.windowsPerEpoch(), 16, 16)).isNotEqualTo(first);
  }

  /** A change of the order would silently break the resuming of old runs. */
  @Test
  void theOrderIsAsItAlwaysWas() {
    BatchSampler sampler = new BatchSampler(counting(10_000), 6, 64, 1234);
    int[] starts = new int[6];
    int[] rows = draw(sampler, 77, 6, 64);
    for (int b = 0; b < 6; b++) {
      starts[b] = rows[b * 65];
    }
    assertThat(starts).containsExactly(2818, 4482, 1410, 6663, 71, 5639);
  }

  @Test
  void windowsReachTheLastToken() {
    BatchSampler sampler = new BatchSampler(counting(33), 1, 16, 0);
    boolean reached = false;
    for (int i = 0; i < 200; i++) {
      reached |= draw(sampler, i, 1, 16)[16] == 32;
    }
    assertThat(reached).isTrue();
  }

  @Test
  void oneWindowIsEnough() {
    BatchSampler sampler = new BatchSampler(counting(17), 3, 16, 0);
    assertThat(sampler.windowsPerEpoch()).isEqualTo(1);
    int[] rows = draw(sampler, 5, 3, 16);
    assertThat(rows).startsWith(0, 1).endsWith(15, 16);
  }

  @Test
  void tooShortACorpusIsExplained() {
    assertThatThrownBy(() -> new BatchSampler(counting(16), 1, 16, 0))
        .isInstanceOf(CorpusTooShortException.class)
        .hasMessageContaining("has 16 tokens")
        .hasMessageContaining("takes 17")
        .hasMessageContaining("--context 15 or less");
    assertThatThrownBy(() -> new BatchSampler(counting(16), 0, 4, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new BatchSampler(counting(16), 2, 4, 0).draw(0, new int[9]))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  private static int[] draw(BatchSampler sampler, long index, int batch, int context) {
    int[] rows = new int[batch * (context + 1)];
    sampler.draw(index, rows);
    return rows;
  }
}
