package dev.lanewise.trainer.run.metrics;

import java.util.Arrays;

/**
 * Tells a loss that jumps out of the noise of the steps before it. The yardstick is robust, so that
 * one spike does not hide the next: a loss is a spike if it lies above the median of the last
 * {@value #WINDOW} by more than {@value #DEVIATIONS} standard deviations, estimated from the median
 * absolute deviation, and by more than a twentieth of the median.
 *
 * <p>A function of the losses alone, so a resumed run that has read them back flags the same steps.
 */
final class LossSpikes {

  static final int WINDOW = 32;

  private static final int LEAST = 16;
  private static final double DEVIATIONS = 6;

  /** Median absolute deviation to standard deviation, for a normal distribution. */
  private static final double NORMAL = 1.4826;

  private final double[] recent = new double[WINDOW];
  private final double[] sorted = new double[WINDOW];
  private long seen;

  /** Takes the next loss in, and returns whether it is a spike. */
  boolean add(double loss) {
    if (!Double.isFinite(loss)) {
      return false;
    }
    boolean spike = seen >= LEAST && isSpike(loss);
    recent[(int) (seen++ % WINDOW)] = loss;
    return spike;
  }

  private boolean isSpike(double loss) {
    int count = (int) Math.min(seen, WINDOW);
    System.arraycopy(recent, 0, sorted, 0, count);
    double median = median(count);
    for (int i = 0; i < count; i++) {
      sorted[i] = Math.abs(sorted[i] - median);
    }
    double deviation = NORMAL * median(count);
    return loss - median > Math.max(DEVIATIONS * deviation, Math.abs(median) / 20);
  }

  private double median(int count) {
    Arrays.sort(sorted, 0, count);
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
  }
}
