package dev.lanewise.trainer.run.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A range of values, linear or logarithmic.
 *
 * @param cut whether there are values above it
 */
record Axis(double from, double to, boolean logarithmic, boolean cut) {

  private static final int TICKS = 5;
  private static final int DECADES = 6;

  /** How many times as far as nearly all means reach, from the least one, an axis may reach. */
  private static final double FARTHEST = 5;

  private static final double NEARLY_ALL = 0.97;

  /** An axis is made so much longer for values that are seldom; farther ones are cut off. */
  private static final double STRETCH = 0.25;

  private static final double MARGIN = 0.04;
  private static final double SLACK = 1e-9;

  /** More than this between the least and the most is shown as a logarithm, where that may be. */
  private static final double WIDE = 50;

  /** What an axis is for: what lines go through, and where bands begin and end; in any order. */
  static final class Values {
    private final double[] means;
    private final double[] leasts;
    private final double[] mosts;

    Values(double[] means, double[] leasts, double[] mosts) {
      this.means = means;
      this.leasts = leasts;
      this.mosts = mosts;
    }

    private double least() {
      return Arrays.stream(leasts).min().orElse(0);
    }

    private double most() {
      return Arrays.stream(mosts).max().orElse(0);
    }
  }

  /** An axis of steps. */
  static Axis of(double from, double to) {
    return new Axis(from, to > from ? to : from + 1, false, false);
  }

  /**
   * An axis that fits values, but not the few that would make the others a flat line.
   *
   * @param zero whether 0 is on it
   */
  static Axis linear(Values values, boolean zero) {
    if (values.means.length == 0) {
      return of(0, 1);
    }
    double[] means = sorted(values.means);
    double limit = means[0] + FARTHEST * (at(NEARLY_ALL, means) - means[0]);
    double most = means[means.length - 1];
    double to =
        Math.max(
            limit > means[0] ? Math.min(limit, most) : most, at(NEARLY_ALL, sorted(values.mosts)));
    double from = Math.min(means[0], at(1 - NEARLY_ALL, sorted(values.leasts)));
    from = zero ? Math.min(0, from) : Math.max(values.least(), from - STRETCH * (to - from));
    boolean cut = values.most() > to + STRETCH * (to - from);
    to = cut ? to : values.most();
    if (to <= from) {
      double around = Math.max(SLACK, Math.abs(from) / 2);
      return new Axis(zero ? 0 : from - around, from + around, false, false);
    }
    double margin = MARGIN * (to - from);
    return new Axis(zero ? from : from - margin, to + margin, false, cut);
  }

  private static double[] sorted(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  private static double at(double share, double[] sorted) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }

  /** An axis that fits all values, logarithmic if they are positive and far apart. */
  static Axis fitting(Values values) {
    double least = values.least();
    double most = values.most();
    if (least > 0 && most / least > WIDE) {
      return new Axis(least / 1.2, most * 1.2, true, false);
    }
    return linear(values, true);
  }

  /** Where a value lies from 0 to 1; one that is not on the axis lies a little outside. */
  double share(double value) {
    double share =
        logarithmic ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
    return Math.clamp(share, -0.1, 1.1);
  }

  boolean has(double value) {
    return value >= from && value <= to;
  }

  /** Round numbers, some {@value #TICKS} of them. */
  List<Double> ticks() {
    return logarithmic ? decades() : rounds();
  }

  private List<Double> rounds() {
    double rough = (to - from) / TICKS;
    double magnitude = Math.pow(10, Math.floor(Math.log10(rough)));
    // Neither a tick at an end of the axis nor a round step must be lost to rounding.
    double times = rough / magnitude * (1 - SLACK);
    double step = magnitude * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
    List<Double> ticks = new ArrayList<>();
    double slack = SLACK * step;
    for (long i = (long) Math.ceil((from - slack) / step); i * step <= to + slack; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  private List<Double> decades() {
    int first = (int) Math.ceil(Math.log10(from));
    int last = (int) Math.floor(Math.log10(to));
    int every = Math.max(1, (last - first) / DECADES + 1);
    List<Double> ticks = new ArrayList<>();
    for (int power = first; power <= last; power += every) {
      ticks.add(Math.pow(10, power));
    }
    return ticks;
  }
}
