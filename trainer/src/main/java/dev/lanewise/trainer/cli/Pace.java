package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;

/** Keeps the time of one phase after the other. */
final class Pace {

  /** Of a phase, the share before whose end its speed says little: the code is not compiled yet. */
  private static final double TOO_EARLY = 0.02;

  private Phase phase;
  private long first;
  private long done;
  private long total;
  private long beganAt;
  private long now;
  private boolean begins;
  private boolean ends;

  /** Takes a report, see {@link Progress#at}; at {@code nanoTime}. */
  void at(Phase reported, long reportedDone, long reportedTotal, long nanoTime) {
    begins = reported != phase || reportedDone < done;
    boolean over = !begins && done == total;
    if (begins) {
      phase = reported;
      first = reportedDone;
      beganAt = nanoTime;
    }
    done = reportedDone;
    total = reportedTotal;
    now = nanoTime;
    ends = done == total && !over;
  }

  /** Whether the last report was the first of its phase. */
  boolean begins() {
    return begins;
  }

  /** Whether the last report was the end of its phase. */
  boolean ends() {
    return ends;
  }

  double seconds() {
    return (now - beganAt) / 1e9;
  }

  Standing standing() {
    return new Standing(phase, done, total, seconds(), secondsLeft());
  }

  private double secondsLeft() {
    if (done == total) {
      return 0;
    }
    return total == Progress.UNKNOWN || done == first || done - first < TOO_EARLY * (total - first)
        ? Double.NaN
        : seconds() * (total - done) / (done - first);
  }
}
