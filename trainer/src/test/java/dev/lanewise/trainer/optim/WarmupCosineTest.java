package dev.lanewise.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class WarmupCosineTest {

  private final WarmupCosine schedule = new WarmupCosine(3e-4, 1e-6, 100, 1100);

  @Test
  void warmsUpFromZeroInAStraightLine() {
    assertThat(schedule.at(0)).isZero();
    assertThat(schedule.at(50)).isEqualTo(1.5e-4, within(1e-18));
    assertThat(schedule.at(99)).isEqualTo(2.97e-4, within(1e-18));
  }

  @Test
  void fallsAlongHalfACosine() {
    assertThat(schedule.at(100)).isEqualTo(3e-4);
    assertThat(schedule.at(600)).isEqualTo((3e-4 + 1e-6) / 2, within(1e-15));
    assertThat(schedule.at(350))
        .isEqualTo(1e-6 + 0.5 * (3e-4 - 1e-6) * (1 + Math.cos(Math.PI / 4)), within(1e-15));
  }

  @Test
  void staysAtTheMinimumFromTheEndOn() {
    assertThat(schedule.at(1100)).isEqualTo(1e-6);
    assertThat(schedule.at(5000)).isEqualTo(1e-6);
  }

  @Test
  void withoutWarmupItBeginsAtTheMaximum() {
    assertThat(new WarmupCosine(1e-3, 1e-4, 0, 10).at(0)).isEqualTo(1e-3);
  }
}
