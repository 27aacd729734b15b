package dev.lanewise.trainer.progress;

import java.util.function.LongConsumer;

/** Adds up what is done in a phase. */
public final class Tally implements LongConsumer {

  private final Progress progress;
  private final Phase phase;
  private final long total;
  private long done;

  Tally(Progress progress, Phase phase, long total) {
    this.progress = progress;
    this.phase = phase;
    this.total = total;
    progress.at(phase, 0, total);
  }

  /** So much more is done. */
  @Override
  public void accept(long more) {
    done += more;
    progress.at(phase, done, total == Progress.UNKNOWN ? total : Math.max(done, total));
  }

  /** All is done: what was added up is the total. */
  public void end() {
    progress.at(phase, done, done);
  }
}
