package dev.lanewise.bench.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How much of the processors' time others took meanwhile: a measurement in company is worthless,
 * and two measurements in different company are worse.
 */
final class Company {

  private static final double TICKS_PER_SECOND = 100;
  private static final int USER_TIME = 11;
  private static final int CHILDRENS_SYSTEM_TIME = 14;
  private static final int IDLE = 3;
  private static final int WAITING = 4;
  private static final int STOLEN = 7;

  private final double busyAtStart;
  private final long start;

  private Company(double busyAtStart, long start) {
    this.busyAtStart = busyAtStart;
    this.start = start;
  }

  /** Begins to watch. */
  static Company watch() throws IOException {
    return new Company(busySeconds(), System.nanoTime());
  }

  /**
   * Returns the share of all processors' time since the beginning that was not the process's own.
   *
   * @param ownSeconds processor time of the process that was measured
   */
  double share(double ownSeconds) throws IOException {
    double elapsed = (System.nanoTime() - start) / 1e9;
    double others = busySeconds() - busyAtStart - ownSeconds;
    return Math.max(0, others / elapsed / Runtime.getRuntime().availableProcessors());
  }

  private static double busySeconds() throws IOException {
    String line = Files.readAllLines(Path.of("/proc/stat")).getFirst();
    long[] ticks =
        Arrays.stream(line.substring(5).split(" ", -1)).mapToLong(Long::parseLong).toArray();
    long busy = 0;
    for (int i = 0; i <= STOLEN; i++) {
      busy += i == IDLE || i == WAITING ? 0 : ticks[i];
    }
    return busy / TICKS_PER_SECOND;
  }

  /** Processor time of a process and its ended children so far, 0 if it is gone. */
  static double secondsOf(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", "" + pid, "stat"));
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = 0;
      for (int i = USER_TIME; i <= CHILDRENS_SYSTEM_TIME; i++) {
        ticks += Long.parseLong(fields[i]);
      }
      return ticks / TICKS_PER_SECOND;
    } catch (IOException e) {
      return 0;
    }
  }
}
