package dev.lanewise.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PassTimesTest {

  private final PassTimes times = new PassTimes(128);

  @Test
  void untilSomethingIsKnownARowCostsLittle() {
    assertThat(times.withMore(1, 3)).isCloseTo(1.15, within(1e-9));
    times.add(1, 100);
    assertThat(times.withMore(1, 3)).isCloseTo(1.15, within(1e-9));
  }

  @Test
  void passesOfTheSameTilesTakeTheSame() {
    times.add(1, 100);
    times.add(3, 180);
    assertThat(times.withMore(1, 3)).isCloseTo(1.8, within(1e-9));
    assertThat(times.withMore(1, 1)).isCloseTo(1.8, within(1e-9));
    assertThat(times.withMore(2, 2)).isCloseTo(1, within(1e-9));
    assertThat(times.withMore(1, 127)).isCloseTo(7.35, within(1e-9));
  }

  @Test
  void anInterruptionCountsLittleAndFasterCodeMuch() {
    times.add(1, 100);
    times.add(4, 200);
    times.add(4, 100_000);
    assertThat(times.withMore(1, 3)).isBetween(2.0, 2.3);
    for (int i = 0; i < 6; i++) {
      times.add(4, 120);
    }
    assertThat(times.withMore(1, 3)).isCloseTo(1.2, within(0.03));
  }

  /** A time of when code was not compiled must not be the last word. */
  @Test
  void timesAreForgottenAndTriedAgain() {
    times.add(1, 100);
    times.add(4, 900);
    int passes = 0;
    while (times.withMore(1, 3) > 2) {
      times.add(1, 100);
      passes++;
    }
    assertThat(passes).isBetween(50, 200);
    times.add(4, 200);
    assertThat(times.withMore(1, 3)).isCloseTo(2, within(1e-9));
    int again = 0;
    while (times.withMore(1, 3) > 1.9) {
      times.add(1, 100);
      again++;
    }
    assertThat(again).as("later for longer").isGreaterThan(passes);
  }
}
