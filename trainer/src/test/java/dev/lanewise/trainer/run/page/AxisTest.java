package dev.lanewise.trainer.run.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AxisTest {

  private static Axis.Values values(double... means) {
    return new Axis.Values(means, means, means);
  }

  @Test
  void ticksAreRoundNumbers() {
    assertThat(Axis.of(1, 3).ticks()).containsExactly(1.0, 1.5, 2.0, 2.5, 3.0);
    assertThat(Axis.of(0, 100_000).ticks())
        .containsExactly(0.0, 20_000.0, 40_000.0, 60_000.0, 80_000.0, 100_000.0);
    assertThat(Axis.of(7, 7).ticks()).hasSize(6);
    assertThat(Axis.of(0, 10).ticks()).containsExactly(0.0, 2.0, 4.0, 6.0, 8.0, 10.0);
  }

  @Test
  void allValuesAreOnTheAxis() {
    Axis axis = Axis.linear(values(2, 3, 4), false);

    assertThat(axis.cut()).isFalse();
    assertThat(axis.from()).isBetween(1.8, 2.0);
    assertThat(axis.to()).isBetween(4.0, 4.2);
    assertThat(axis.share(3)).isCloseTo(0.5, within(1e-9));
    assertThat(Axis.linear(values(2, 3, 4), true).from()).isZero();
  }

  @Test
  void aFewOutliersDoNotPressTheRestFlat() {
    double[] values = new double[200];
    Arrays.setAll(values, i -> 3 + 1e-2 * (i % 10));
    values[100] = 1e6;
    Axis axis = Axis.linear(values(values), false);

    assertThat(axis.cut()).isTrue();
    assertThat(axis.to()).isLessThan(4);
    assertThat(axis.share(1e6)).isEqualTo(1.1);
  }

  /** Of a band nearly all is shown, and all if that takes little. */
  @Test
  void bandsAreOnTheAxisButForTheirTips() {
    double[] means = new double[200];
    double[] leasts = new double[200];
    double[] mosts = new double[200];
    Arrays.setAll(means, i -> 3 + 1e-3 * i);
    Arrays.setAll(leasts, i -> 2);
    Arrays.setAll(mosts, i -> 4);
    mosts[7] = 4.4;
    leasts[7] = 1.8;
    Axis near = Axis.linear(new Axis.Values(means, leasts, mosts), false);
    assertThat(near.cut()).isFalse();
    assertThat(near.has(4.4) && near.has(1.8)).isTrue();
    mosts[8] = 40;
    Axis far = Axis.linear(new Axis.Values(means, leasts, mosts), false);
    assertThat(far.cut()).isTrue();
    assertThat(far.to()).isBetween(4.0, 4.2);
  }

  @Test
  void oneValueIsInTheMiddleAndNoneIsNoProblem() {
    assertThat(Axis.linear(values(7, 7), false).share(7)).isEqualTo(0.5);
    assertThat(Axis.linear(values(0), false).share(0)).isEqualTo(0.5);
    assertThat(Axis.linear(values(0), true).share(0)).isZero();
    assertThat(Axis.linear(values(), true).share(0.25)).isEqualTo(0.25);
    assertThat(Axis.fitting(values()).ticks()).isNotEmpty();
  }

  @Test
  void valuesFarApartAreLogarithms() {
    Axis axis = Axis.fitting(values(0.01, 1, 100));

    assertThat(axis.logarithmic()).isTrue();
    assertThat(axis.ticks()).containsExactly(0.01, 0.1, 1.0, 10.0, 100.0);
    assertThat(axis.share(1)).isCloseTo(0.5, within(1e-9));
    assertThat(Axis.fitting(values(1e-12, 1e12)).ticks()).hasSizeBetween(4, 8);
    assertThat(Axis.fitting(values(0, 100)).logarithmic()).isFalse();
    assertThat(Axis.fitting(values(1, 2)).logarithmic()).isFalse();
  }
}
