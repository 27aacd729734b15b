package dev.lanewise.trainer.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SlowProgressTest {

  @Test
  void whatTakesLongIsToldEveryTenSeconds() {
    AtomicLong now = new AtomicLong(5);
    List<String> told = new ArrayList<>();
    SlowProgress progress =
        new SlowProgress((share, left) -> told.add(share + " " + left), now::get);
    for (int second = 1; second <= 25; second++) {
      now.addAndGet(1_000_000_000L);
      progress.accept(second / 40.0);
    }
    assertThat(told).containsExactly("0.25 30.0", "0.5 20.0");
  }
}
