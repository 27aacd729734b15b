package dev.lanewise.trainer.step;

import java.util.function.BiConsumer;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;

/** Tells of the progress of what takes long, and of nothing that does not. */
public final class SlowProgress implements DoubleConsumer {

  private static final long QUIET_NANOS = 10_000_000_000L;

  private final BiConsumer<Double, Double> told;
  private final LongSupplier clock;
  private final long begin;
  private long last;

  /**
   * Begins now.
   *
   * @param told hears, every ten seconds, the share that is done and the seconds that remain
   */
  public SlowProgress(BiConsumer<Double, Double> told) {
    this(told, System::nanoTime);
  }

  SlowProgress(BiConsumer<Double, Double> told, LongSupplier clock) {
    this.told = told;
    this.clock = clock;
    this.begin = clock.getAsLong();
    this.last = begin;
  }

  @Override
  public void accept(double share) {
    long now = clock.getAsLong();
    if (now - last >= QUIET_NANOS && share > 0) {
      last = now;
      told.accept(share, (now - begin) / 1e9 * (1 - share) / share);
    }
  }
}
