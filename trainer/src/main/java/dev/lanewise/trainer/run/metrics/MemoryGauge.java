package dev.lanewise.trainer.run.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells how much memory the process uses. It may be asked at every step: it looks once a second,
 * since a look costs as much as a step of a tiny model.
 */
public final class MemoryGauge {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s*(\\d{1,12}) kB$");
  private static final long INTERVAL_NANOS = 1_000_000_000;

  private final Path status;
  private final LongSupplier nanoTime;
  private boolean asked;
  private long last;

  /** A gauge of this process. */
  public MemoryGauge() {
    this(STATUS, System::nanoTime);
  }

  MemoryGauge(Path status, LongSupplier nanoTime) {
    this.status = status;
    this.nanoTime = nanoTime;
  }

  /** Returns what there is now, or {@link MemoryUse#UNKNOWN} less than a second after a look. */
  public MemoryUse look() {
    long now = nanoTime.getAsLong();
    if (asked && now - last < INTERVAL_NANOS) {
      return MemoryUse.UNKNOWN;
    }
    asked = true;
    last = now;
    Runtime runtime = Runtime.getRuntime();
    return new MemoryUse((double) runtime.totalMemory() - runtime.freeMemory(), residentBytes());
  }

  /** Only Linux says it in a file. */
  private double residentBytes() {
    try {
      Matcher matcher = RESIDENT.matcher(Files.readString(status));
      return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024.0 : Double.NaN;
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
