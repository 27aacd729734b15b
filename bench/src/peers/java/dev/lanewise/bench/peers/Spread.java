package dev.lanewise.bench.peers;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Median, least and greatest of some measurements. */
record Spread(double median, double least, double greatest) {

  static Spread of(DoubleStream values) {
    double[] sorted = values.toArray();
    Arrays.sort(sorted);
    int n = sorted.length;
    if (n == 0) {
      throw new IllegalArgumentException("there are no measurements");
    }
    return new Spread((sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0], sorted[n - 1]);
  }
}
