package dev.lanewise.trainer.optim;

import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.settings.OptimizerSettings;
import dev.lanewise.trainer.settings.Settings;
import java.util.Arrays;

/**
 * How far a row of a table moves in steps that do not touch it.
 *
 * <p>Adam goes on moving what has no gradient: after i steps its moments are m β₁^i and v β₂^i, so
 * that step j moves the weight by {@code c(j) ρ^i m / √v}, with ρ = β₁ / √β₂ and c(j) the learning
 * rate times √(1 - β₂^(j+1)) / (1 - β₁^(j+1)). The sum over the steps is one number for all
 * elements of all rows that rest since the same step: the {@link #distance}, and a row is moved by
 * {@code distance · m / (√v + ε)} when it is next needed. That differs from Adam in two ways: ε
 * stands beside √v as it was when the row was touched, and the movement ends after {@link #steps}
 * steps, when ρ^i is at most 2^-14 ({@link OptimizerSettings#glideSteps}). What is left out is at
 * most 2^-14 / (1 - ρ) of one step of the greatest learning rate, for a row whose |m| / √v is 1.
 */
public final class Glide {

  /** Missed steps up to which what is left of the second moment is remembered. */
  private static final int REMEMBERED = 1 << 12;

  private final LearningRateSchedule schedule;
  private final double beta1;
  private final double beta2;
  private final double ratio;
  private final int steps;
  private final double[] rates;
  private final double[] distances;
  private final float[] keepM;
  private final float[] keepV = new float[REMEMBERED];
  private double[] full = new double[0];
  private long step;

  /**
   * Makes one that has to {@link #begin} a step before use.
   *
   * @throws InvalidConfigException see {@link #steps}
   */
  public Glide(Settings settings, LearningRateSchedule schedule) {
    this.schedule = schedule;
    this.beta1 = settings.optimizer().beta1();
    this.beta2 = settings.beta2();
    this.ratio = settings.resolvedOptimizer().glideRatio();
    this.steps = steps(settings);
    this.rates = new double[steps];
    this.distances = new double[steps + 1];
    this.keepM = new float[steps + 1];
    for (int missed = 0; missed <= steps; missed++) {
      keepM[missed] = (float) StrictMath.pow(beta1, missed);
    }
    for (int missed = 0; missed < REMEMBERED; missed++) {
      keepV[missed] = (float) StrictMath.pow(beta2, missed);
    }
  }

  /**
   * Returns after how many steps a row rests.
   *
   * @throws InvalidConfigException if there is no end that is near enough
   */
  public static int steps(Settings settings) {
    settings.checkGlide();
    return (int) settings.resolvedOptimizer().glideSteps();
  }

  /**
   * Sets up to which step rows are moved.
   *
   * @param step how many steps there have been
   */
  public void begin(long step) {
    this.step = step;
    int known = (int) Math.min(steps, step);
    for (int i = 0; i < known; i++) {
      rates[i] = rate(step - known + i);
    }
    for (int missed = 1; missed <= known; missed++) {
      distances[missed] = sum(known - missed, missed);
    }
  }

  /** The sum over some of the rates. */
  private double sum(int from, int count) {
    double sum = 0;
    double left = ratio;
    for (int i = from; i < from + count; i++) {
      sum = Math.fma(rates[i], left, sum);
      left *= ratio;
    }
    return sum;
  }

  private double rate(long j) {
    double correction =
        Math.sqrt(1 - StrictMath.pow(beta2, j + 1)) / (1 - StrictMath.pow(beta1, j + 1));
    return schedule.at(j) * correction;
  }

  /**
   * Returns how many steps a row has missed.
   *
   * @param touched how many steps there had been after the one that touched it
   */
  public long missed(long touched) {
    return step - touched;
  }

  /** Returns whether a row has come to rest. */
  public boolean rests(long touched) {
    return missed(touched) > steps;
  }

  /** Returns how far a row moves in the steps that it has missed. */
  public float distance(long touched) {
    return (float) (rests(touched) ? wholeDistance(touched) : distances[(int) missed(touched)]);
  }

  private double wholeDistance(long touched) {
    if (touched >= full.length) {
      int known = full.length;
      full = Arrays.copyOf(full, (int) Math.max(touched + 1, Math.min(2L * known, step)));
      Arrays.fill(full, known, full.length, Double.NaN);
    }
    int at = (int) touched;
    if (Double.isNaN(full[at])) {
      double sum = 0;
      double left = ratio;
      for (long j = touched; j < touched + steps; j++) {
        sum = Math.fma(rate(j), left, sum);
        left *= ratio;
      }
      full[at] = sum;
    }
    return full[at];
  }

  /** Returns what is left of the first moment: nothing of a row that rests. */
  public float keepM(long touched) {
    return rests(touched) ? 0 : keepM[(int) missed(touched)];
  }

  /** Returns what is left of the second moment. */
  public float keepV(long touched) {
    long missed = missed(touched);
    return missed < REMEMBERED ? keepV[(int) missed] : (float) StrictMath.pow(beta2, missed);
  }
}
