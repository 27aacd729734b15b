package dev.lanewise.trainer.progress;

/**
 * Is told how far work has come, on the thread that does it. One phase follows the other. A phase
 * begins with a report of 0, what is done never decreases, and the phase ends with a report in
 * which all is done; one that fails does not end. It is told often (at least once for each MiB of
 * text, and never for less than it takes to read a clock), so who shows it does not show all.
 */
@FunctionalInterface
public interface Progress {

  /** A total that is not known before the end. */
  long UNKNOWN = -1;

  /** Tells nobody. */
  Progress SILENT = (phase, done, total) -> {};

  /**
   * So much is done.
   *
   * @param total of the same unit, {@link #UNKNOWN}, or an estimate, which the end corrects: there
   *     it is what is done
   */
  void at(Phase phase, long done, long total);

  /** Begins a phase of which it is known how much is added. */
  default Tally begin(Phase phase, long total) {
    return new Tally(this, phase, total);
  }
}
