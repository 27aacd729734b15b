package dev.lanewise.trainer.run.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryGaugeTest {

  private static final long SECOND = 1_000_000_000;

  @TempDir private Path folder;

  private Path status(String text) throws IOException {
    return Files.writeString(folder.resolve("status"), text);
  }

  @Test
  void readsWhatLinuxSays() throws IOException {
    Path status = status("VmHWM:\t  999999 kB\nVmRSS:\t  123456 kB\nVmSwap:\t 0 kB\n");
    MemoryUse use = new MemoryGauge(status, () -> 0).look();

    assertThat(use.residentBytes()).isEqualTo(123456 * 1024.0);
    assertThat(use.heapBytes()).isBetween(1.0, (double) Runtime.getRuntime().maxMemory());
  }

  @Test
  void elsewhereTheHeapIsKnown() throws IOException {
    for (Path status : new Path[] {folder.resolve("none"), status("VmRSS: many kB")}) {
      MemoryUse use = new MemoryGauge(status, () -> 0).look();
      assertThat(use.residentBytes()).isNaN();
      assertThat(use.heapBytes()).isPositive();
    }
  }

  /** Also when the clock, which may begin anywhere, runs over. */
  @Test
  void looksOnceASecond() throws IOException {
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - SECOND / 2);
    MemoryGauge gauge = new MemoryGauge(status("VmRSS: 1 kB\n"), now::get);

    assertThat(gauge.look().residentBytes()).isEqualTo(1024);
    now.addAndGet(SECOND - 1);
    assertThat(gauge.look()).isSameAs(MemoryUse.UNKNOWN);
    now.addAndGet(1);
    assertThat(gauge.look().residentBytes()).isEqualTo(1024);
    assertThat(gauge.look()).isSameAs(MemoryUse.UNKNOWN);
  }
}
