package dev.lanewise.trainer.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.trainer.fixture.SmallSettings;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ScheduleSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WarmupStableDecayTest {

  private static final double MAX = 3e-3;
  private static final double MIN = 3e-4;
  private static final ScheduleKind KIND = Schedules.STANDARD.named("wsd");

  private static ScheduleSettings settings(long warmup, double share) {
    return SmallSettings.layer()
        .with(ConfigKey.LR, MAX)
        .with(ConfigKey.MIN_LR, MIN)
        .with(ConfigKey.WARMUP, warmup)
        .with(ConfigKey.DECAY_SHARE, share)
        .toSettings()
        .schedule();
  }

  @Test
  void climbsStaysAndFallsInAStraightLineToTheLeastRate() {
    LearningRateSchedule rate = KIND.create(settings(9, 0.2), 100);
    assertThat(rate.at(0)).isCloseTo(MAX / 10, within(1e-18));
    assertThat(rate.at(8)).isCloseTo(MAX * 0.9, within(1e-18));
    assertThat(rate.at(9)).isEqualTo(MAX);
    assertThat(rate.at(79)).isEqualTo(MAX);
    assertThat(rate.at(80)).isCloseTo(MAX - (MAX - MIN) / 20, within(1e-18));
    assertThat(rate.at(89)).isCloseTo((MAX + MIN) / 2, within(1e-18));
    assertThat(rate.at(99)).isEqualTo(MIN);
    assertThat(rate.at(500)).isEqualTo(MIN);
  }

  @Test
  void theFallTakesOneStepAtLeastAndNoneOfTheWarmup() {
    LearningRateSchedule shortest = KIND.create(settings(0, 0), 10);
    assertThat(shortest.at(8)).isEqualTo(MAX);
    assertThat(shortest.at(9)).isEqualTo(MIN);
    LearningRateSchedule longest = KIND.create(settings(6, 0.9), 10);
    assertThat(longest.at(5)).isCloseTo(MAX * 6 / 7, within(1e-18));
    assertThat(longest.at(6)).isCloseTo(MAX - (MAX - MIN) / 4, within(1e-18));
    assertThat(longest.at(9)).isEqualTo(MIN);
  }

  /** What has been computed is what a run with that many steps from the beginning computes. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.2, 1.0 / 3, 0.5, 0.9})
  void anEndThatIsDecidedLateChangesNoRateBeforeIt(double share) {
    ScheduleSettings settings = settings(5, share);
    LearningRateSchedule open = KIND.create(settings, Integer.MAX_VALUE);
    for (long completed = 0; completed < 200; completed++) {
      long steps = KIND.endAfter(settings, completed).orElseThrow();
      LearningRateSchedule decided = KIND.create(settings, steps);
      for (long step = 0; step < completed; step++) {
        assertThat(decided.at(step)).as("%d of %d", step, steps).isEqualTo(open.at(step));
      }
      assertThat(steps).isGreaterThan(settings.warmup());
      assertThat(decided.at(steps - 1)).isEqualTo(MIN);
      assertThat(KIND.exactFrom(settings, steps))
          .isBetween(Math.max(completed, steps * 3 / 4), steps);
      // No more steps at the greatest rate than need be: the share may round them up by one or two.
      long decays = Math.max(1, Math.round(share * steps));
      assertThat(steps - decays).isBetween(Math.max(completed, 5), Math.max(completed, 5) + 1);
    }
  }
}
