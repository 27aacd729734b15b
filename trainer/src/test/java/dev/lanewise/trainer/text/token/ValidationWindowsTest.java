package dev.lanewise.trainer.text.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
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

  @Test
  void tooFewTokensAreExplained() {
    assertThatThrownBy(() -> new ValidationWindows(TokenSequence.of(new int[1], 1), 4))
        .isInstanceOf(CorpusTooShortException.class)
        .hasMessageContaining("has 1 tokens");
    ValidationWindows one = new ValidationWindows(TokenSequence.of(new int[2], 1), 4);
    assertThat(one.count()).isEqualTo(1);
    assertThatThrownBy(() -> one.targets(1)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
