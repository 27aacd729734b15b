package dev.lanewise.trainer.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** How much of an export has been written, and how long the rest will take. */
final class ExportProgress implements AutoCloseable {

  private static final double NANOS = 1e9;
  private static final double QUIET_SECONDS = 1;
  private static final String CLEAR_LINE = "\r\033[K";

  private final PrintWriter err;
  private final long total;
  private final boolean draws = RunDisplay.drawsHere();
  private final long start = System.nanoTime();
  private double told;
  private long written;

  ExportProgress(PrintWriter err, long total) {
    this.err = err;
    this.total = total;
  }

  /** Tells at most once a second on a terminal, and each tenth elsewhere if it takes long. */
  void written(long bytes) {
    written += bytes;
    double seconds = (System.nanoTime() - start) / NANOS;
    double share = (double) written / total;
    boolean due = draws ? seconds >= told + QUIET_SECONDS : share >= told + 0.1;
    if (seconds < QUIET_SECONDS || !due) {
      return;
    }
    told = draws ? seconds : share;
    String line =
        String.format(
            Locale.ROOT,
            "writing: %.0f%% of %s, %s to go",
            100 * share,
            Amounts.bytes(total),
            Amounts.time(seconds * (1 - share) / share));
    if (draws) {
      err.print(CLEAR_LINE + line);
      err.flush();
    } else {
      err.println(line);
    }
  }

  @Override
  public void close() {
    if (draws && told > 0) {
      err.print(CLEAR_LINE);
      err.flush();
    }
  }
}
