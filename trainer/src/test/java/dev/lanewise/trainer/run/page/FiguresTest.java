package dev.lanewise.trainer.run.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FiguresTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.5, 0.5",
    "2.25, 2.25",
    "-3, -3",
    "9999, 9999",
    "10000, 10k",
    "12500, 12.5k",
    "100000, 100k",
    "999000, 999k",
    "2000000, 2M",
    "3e9, 3G",
    "3e-4, 3e-4",
    "2.5e-5, 2.5e-5",
    "0.1, 0.1",
    "1e20, 1e20"
  })
  void ticksAreShort(double value, String text) {
    assertThat(Figures.tick(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1.23456789, 1.2346",
    "100, 100",
    "123456, 123460",
    "1e300, 1E+300",
    "0.00031, 0.00031",
    "-2.5, -2.5",
    "1e-9, 1E-9"
  })
  void valuesHaveFiveDigits(double value, String text) {
    assertThat(Figures.exact(value)).isEqualTo(text);
    assertThat(Double.parseDouble(text)).isEqualTo(Double.parseDouble(Figures.exact(value)));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 s",
    "59499, 59 s",
    "61000, 1 min 1 s",
    "3599000, 59 min 59 s",
    "3600000, 1 h 0 min",
    "90000000, 1 d 1 h"
  })
  void durations(double milliseconds, String text) {
    assertThat(Figures.duration(milliseconds)).isEqualTo(text);
  }
}
