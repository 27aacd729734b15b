package dev.lanewise.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WarmupLinearTest {

  private static final double MAX = 2e-5;
  private static final double CLOSE = 1e-20;

  @Test
  void withoutWarmupItFallsFromTheGreatestRateToOneStepAboveTheLeast() {
    LearningRateSchedule rate = new WarmupLinear(MAX, 0, 0, 4);
    assertThat(rate.at(0)).isEqualTo(MAX);
    assertThat(rate.at(1)).isCloseTo(MAX * 0.75, within(CLOSE));
    assertThat(rate.at(3)).isCloseTo(MAX * 0.25, within(CLOSE));
    assertThat(rate.at(4)).isZero();
    assertThat(rate.at(400)).isZero();
  }

  @Test
  void aWarmupBeginsAboveZeroAndEndsAtTheGreatestRate() {
    LearningRateSchedule rate = new WarmupLinear(MAX, MAX / 10, 3, 13);
    assertThat(rate.at(0)).isCloseTo(MAX / 4, within(CLOSE));
    assertThat(rate.at(2)).isCloseTo(MAX * 3 / 4, within(CLOSE));
    assertThat(rate.at(3)).isEqualTo(MAX);
    assertThat(rate.at(8)).isCloseTo(MAX * 0.55, within(CLOSE));
    assertThat(rate.at(13)).isEqualTo(MAX / 10);
  }
}
