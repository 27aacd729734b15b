package dev.lanewise.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ScheduleSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ToTheLeastTest {

  private static final double MAX = 3e-3;
  private static final double MIN = 3e-4;

  private static LearningRateSchedule schedule(String name, long warmup, long steps) {
    ScheduleSettings settings =
        SmallSettings.layer()
            .with(ConfigKey.LR, MAX)
            .with(ConfigKey.MIN_LR, MIN)
            .with(ConfigKey.WARMUP, warmup)
            .toSettings()
            .schedule();
    return Schedules.STANDARD.named(name).create(settings, steps);
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear-to-min", "cosine-to-min"})
  void noStepGoesForNothing(String name) {
    LearningRateSchedule rate = schedule(name, 4, 25);
    assertThat(rate.at(0)).isCloseTo(MAX / 5, within(1e-18));
    assertThat(rate.at(3)).isCloseTo(MAX * 4 / 5, within(1e-18));
    assertThat(rate.at(4)).isCloseTo(MAX, within(1e-18));
    assertThat(rate.at(14)).isCloseTo((MAX + MIN) / 2, within(1e-18));
    assertThat(rate.at(23)).isBetween(Math.nextUp(MIN), MAX);
    assertThat(rate.at(24)).isEqualTo(MIN);
    assertThat(rate.at(400)).isEqualTo(MIN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"linear-to-min", "cosine-to-min"})
  void withoutWarmupItBeginsAtTheGreatestRate(String name) {
    assertThat(schedule(name, 0, 25).at(0)).isCloseTo(MAX, within(1e-18));
  }

  @Test
  void theyDifferInBetween() {
    assertThat(schedule("linear-to-min", 4, 25).at(9))
        .isCloseTo(MIN + (MAX - MIN) * 0.75, within(1e-18));
    assertThat(schedule("cosine-to-min", 4, 25).at(9))
        .isCloseTo(MIN + (MAX - MIN) * (1 + Math.cos(Math.PI / 4)) / 2, within(1e-18));
  }

  @Test
  void theEndOfTheOtherSchedulesHasToBeKnown() {
    ScheduleSettings settings = SmallSettings.layer().toSettings().schedule();
    for (String name : new String[] {"cosine", "linear", "cosine-to-min", "linear-to-min"}) {
      assertThat(Schedules.STANDARD.named(name).endAfter(settings, 10)).as(name).isEmpty();
    }
  }
}
