package dev.lanewise.trainer.text.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ValidationWindowsTest {

  @Property
  void everyTokenButTheFirstIsATargetOnce(
      @ForAll @IntRange(min = 2, max = 300) int size,
      @ForAll @IntRange(min = 1, max = 50) int context) {
    TokenSequence tokens = TokenSequence.of(IntStream.range(0, size).toArray(), size);
    ValidationWindows windows = new ValidationWindows(tokens, context);
    int[] row = new int[context + 2];
    int[] seen = new int[size];
    long total = 0;
    for (long window = 0; window < windows.count(); window++) {
      int targets = windows.copy(window, row, 1);
      assertThat(targets).isEqualTo(windows.targets(window)).isBetween(1, context);
      if (window < windows.count() - 1) {
        assertThat(targets).isEqualTo(context);
      }
      for (int t = 1; t <= targets; t++) {
        assertThat(row[1 + t]).isEqualTo(row[t] + 1);
        seen[row[1 + t]]++;
      }
      total += targets;
    }
    assertThat(total).isEqualTo(windows.targets());
    assertThat(seen[0]).isZero();
    assertThat(Arrays.stream(seen).skip(1).allMatch(n -> n == 1)).isTrue();
  }

  @Property
  void aPartIsDrawnOnceAndInOrder(
      @ForAll @IntRange(min = 2, max = 300) int size,
      @ForAll @IntRange(min = 1, max = 20) int context,
      @ForAll @IntRange(min = 1, max = 200) int most,
      @ForAll long seed) {
    TokenSequence tokens = TokenSequence.of(IntStream.range(0, size).toArray(), size);
    ValidationWindows all = new ValidationWindows(tokens, context);
    ValidationWindows part = all.drawn(most, seed);
    assertThat(part.count()).isEqualTo(Math.min(all.count(), Math.ceilDiv(most, context)));
    int[] row = new int[context + 1];
    int before = -1;
    long targets = 0;
    for (long window = 0; window < part.count(); window++) {
      int found = part.copy(window, row, 0);
      assertThat(found).isEqualTo(part.targets(window));
      assertThat(row[0] % context).isZero();
      assertThat(row[0]).isGreaterThan(before);
      assertThat(row[found]).isEqualTo(row[0] + found);
      before = row[0];
      targets += found;
    }
    assertThat(part.targets()).isEqualTo(targets);
    assertThat(all.drawn(0, seed)).isSameAs(all);
  }

  @Test
  void anotherSeedDrawsAnotherPart() {
    TokenSequence tokens = TokenSequence.of(IntStream.range(0, 10_001).toArray(), 10_001);
    ValidationWindows all = new ValidationWindows(tokens, 10);
    assertThat(firstIds(all.drawn(500, 1))).isEqualTo(firstIds(all.drawn(500, 1)));
    assertThat(firstIds(all.drawn(500, 1))).isNotEqualTo(firstIds(all.drawn(500, 2)));
  }

  private static List<Integer> firstIds(ValidationWindows windows) {
    List<Integer> ids = new ArrayList<>();
    int[] row = new int[11];
    for (long window = 0; window < windows.count(); window++) {
      windows.copy(window, row, 0);
      ids.add(row[0]);
    }
    return ids;
  }

  @Test
  void tooFewTokensAreExplained() {
    assertThatThrownBy(() -> new ValidationWindows(TokenSequence.of(new int[1], 1), 4))
        .isInstanceOf(CorpusTooShortException.class)
        .hasMessageContaining("has 1 token,");
    ValidationWindows one = new ValidationWindows(TokenSequence.of(new int[2], 1), 4);
    assertThat(one.count()).isEqualTo(1);
    assertThatThrownBy(() -> one.targets(1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
