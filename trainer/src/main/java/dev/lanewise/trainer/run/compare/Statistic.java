package dev.lanewise.trainer.run.compare;

import java.util.stream.DoubleStream;

/**
 * Mean and spread of some values.
 *
 * @param mean NaN of none
 * @param deviation standard deviation of what they were drawn from, estimated with n-1; NaN of
 *     fewer than two
 * @param n how many there are
 */
public record Statistic(double mean, double deviation, int n) {

  static Statistic of(DoubleStream some) {
    double[] values = some.toArray();
    double mean = 0;
    for (double value : values) {
      mean += value / values.length;
    }
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return new Statistic(
        values.length == 0 ? Double.NaN : mean,
        values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1)),
        values.length);
  }

  /** The same in another unit. */
  Statistic times(double factor) {
    return new Statistic(mean * factor, deviation * factor, n);
  }
}
