package dev.lanewise.engine.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShardsTest {

  @Property
  void shareOutEverySequenceOnce(
      @ForAll @IntRange(min = 1, max = 5000) int sequences, @ForAll @IntRange(min = 1) int any) {
    Shards shards = new Shards(sequences, 1 + any % sequences);
    int next = 0;
    for (int i = 0; i < shards.count(); i++) {
      int size = shards.to(i) - shards.from(i);
      assertThat(shards.from(i)).isEqualTo(next);
      assertThat(size).isBetween(sequences / shards.count(), shards.largest());
      next = shards.to(i);
    }
    assertThat(next).isEqualTo(sequences);
  }

  @Property
  void theDefaultCountCutsEvenly(@ForAll @IntRange(min = 1, max = 5000) int sequences) {
    int count = Shards.defaultCount(sequences);

    assertThat(count).isBetween(1, 8);
    assertThat(sequences % count).isZero();
  }

  @Test
  void theDefaultCountDependsOnTheBatchAlone() {
    assertThat(Shards.defaultCount(32)).isEqualTo(8);
    assertThat(Shards.defaultCount(12)).isEqualTo(6);
    assertThat(Shards.defaultCount(7)).isEqualTo(7);
    assertThat(Shards.defaultCount(13)).isEqualTo(1);
  }

  @Test
  void refuseNonsense() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Shards(4, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Shards(4, 5));
    assertThatThrownBy(() -> new Shards(4, 2).from(2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
