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
    int count = Shards.defaultCount(sequences, 128);

    assertThat(count).isBetween(1, 8);
    assertThat(sequences % count).isZero();
  }

  @Test
  void theDefaultCountDependsOnTheBatchAlone() {
    assertThat(Shards.defaultCount(32, 128)).isEqualTo(8);
    assertThat(Shards.defaultCount(12, 128)).isEqualTo(6);
    assertThat(Shards.defaultCount(7, 128)).isEqualTo(7);
    assertThat(Shards.defaultCount(13, 128)).isEqualTo(1);
    assertThat(Shards.defaultCount(12, 64)).isEqualTo(6);
    assertThat(Shards.defaultCount(4, 64)).isEqualTo(2);
    assertThat(Shards.defaultCount(8, 1)).isEqualTo(2);
    assertThat(Shards.defaultCount(3, 1)).isEqualTo(3);
    assertThat(Shards.defaultCount(1, 1024)).isEqualTo(1);
  }

  @Test
  void refuseNonsense() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Shards(4, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Shards(4, 5));
    assertThatThrownBy(() -> new Shards(4, 2).from(2))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }
}
