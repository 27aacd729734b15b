package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeakFlopsTest {

  /** No two measurements agree, so that an equal one is the same one. */
  @Test
  void isMeasuredOnceAndForTheProcessorsThatThereAre() {
    double all = PeakFlops.measureGigaflops(Runtime.getRuntime().availableProcessors());
    assertThat(all).isPositive();
    assertThat(PeakFlops.measureGigaflops(Integer.MAX_VALUE)).isEqualTo(all);
  }
}
