package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.vector.FmaPeak;
import org.junit.jupiter.api.Test;

class PeakFlopsTest {
  @Test
  void measuresSomething() {
    assertThat(PeakFlops.measureGigaflops(1)).isPositive().isFinite();
  }

  @Test
  void theNumbersInItStayOrdinary() {
    float[] sink = {0.5f};
    for (int i = 0; i < 100; i++) {
      FmaPeak.run(i % 2, i, sink);
      assertThat(sink[0]).isBetween(0.4f, 0.6f);
    }
  }
}
