package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.Attention;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Causal attention against double. */
class AttentionAccuracyTest {

  private final Attention attention = ScalarKernels.create().attention();

  @ParameterizedTest
  @CsvSource({"1, 1", "5, 3", "64, 32", "130, 16"})
  void forward(int time, int headSize) {
    int stride = 3 * headSize;
    float[] qkv = Rounding.normal(1, time * stride, 1f);
    float[] out = new float[time * headSize];
    float[] probabilities = new float[time * time];
    float[] scratch = new float[attention.scratchSize(time, headSize)];
    attention.forward(
        time,
        headSize,
        qkv,
        0,
        headSize,
        2 * headSize,
        stride,
        out,
        0,
        headSize,
        probabilities,
        0,
        scratch,
        0);
    double scale = 1 / Math.sqrt(headSize);
    for (int t = 0; t < time; t++) {
      double[] z = new double[t + 1];
      double max = Double.NEGATIVE_INFINITY;
      double min = Double.POSITIVE_INFINITY;
      double zError = 0;
      for (int s = 0; s <= t; s++) {
        double magnitude = 0;
        for (int d = 0; d < headSize; d++) {
          double product = (double) qkv[t * stride + d] * qkv[s * stride + headSize + d];
          z[s] += scale * product;
          magnitude += scale * Math.abs(product);
        }
        // The chain, and two roundings in the scale.
        zError = Math.max(zError, headSize * U * magnitude + 2 * U * Math.abs(z[s]));
        max = Math.max(max, z[s]);
        min = Math.min(min, z[s]);
      }
      double sum = 0;
      for (double v : z) {
        sum += StrictMath.exp(v - max);
      }
      double h = zError + U * (Math.max(Math.abs(max), Math.abs(min)) + (max - min));
      double relative = SoftmaxAccuracyTest.relativeBound(t + 1, h);
      for (int d = 0; d < headSize; d++) {
        double exact = 0;
        double magnitude = 0;
        for (int s = 0; s <= t; s++) {
          double p = StrictMath.exp(z[s] - max) / sum;
          Rounding.assertWithin("p", probabilities[t * time + s], p, relative * p);
          exact += p * qkv[s * stride + 2 * headSize + d];
          magnitude += p * Math.abs(qkv[s * stride + 2 * headSize + d]);
        }
        double bound = (relative + (t + 1) * U) * magnitude;
        Rounding.assertWithin("o(%d,%d)".formatted(t, d), out[t * headSize + d], exact, bound);
      }
    }
  }

  /** The probabilities are inputs here, so that their errors are none of backward's. */
  @ParameterizedTest
  @CsvSource({"1, 1", "5, 3", "40, 16", "65, 8"})
  void backward(int time, int headSize) {
    int stride = 3 * headSize;
    float[] qkv = Rounding.normal(1, time * stride, 1f);
    float[] dOut = Rounding.normal(2, time * headSize, 1f);
    float[] p = Rounding.normal(3, time * time, 0.3f);
    float[] dqkv = new float[time * stride];
    float[] scratch = new float[attention.scratchSize(time, headSize)];
    attention.backward(
        time,
        headSize,
        qkv,
        0,
        headSize,
        2 * headSize,
        stride,
        p,
        0,
        dOut,
        0,
        headSize,
        dqkv,
        0,
        headSize,
        2 * headSize,
        scratch,
        0);
    double scale = 1 / Math.sqrt(headSize);
    double[][] dz = new double[time][time];
    double[][] dzError = new double[time][time];
    for (int t = 0; t < time; t++) {
      double[] dp = new double[t + 1];
      double[] dpError = new double[t + 1];
      double dot = 0;
      double dotError = 0;
      for (int s = 0; s <= t; s++) {
        for (int d = 0; d < headSize; d++) {
          double product = (double) dOut[t * headSize + d] * qkv[s * stride + 2 * headSize + d];
          dp[s] += product;
          dpError[s] += headSize * U * Math.abs(product);
        }
        double weight = Math.abs(p[t * time + s]);
        dot += p[t * time + s] * dp[s];
        dotError += weight * (dpError[s] + Rounding.laneSum(t + 1) * U * Math.abs(dp[s]));
      }
      for (int s = 0; s <= t; s++) {
        dz[t][s] = scale * p[t * time + s] * (dp[s] - dot);
        // The difference, two products, and two roundings in the scale.
        dzError[t][s] =
            scale * Math.abs(p[t * time + s]) * (dpError[s] + dotError)
                + 5 * U * Math.abs(dz[t][s]);
      }
    }
    for (int i = 0; i < time; i++) {
      for (int d = 0; d < headSize; d++) {
        Chain dq = new Chain();
        for (int s = 0; s <= i; s++) {
          dq.add(dz[i][s], dzError[i][s], qkv[s * stride + headSize + d]);
        }
        dq.check("dq", dqkv[i * stride + d]);
        Chain dk = new Chain();
        Chain dv = new Chain();
        for (int t = i; t < time; t++) {
          dk.add(dz[t][i], dzError[t][i], qkv[t * stride + d]);
          dv.add(p[t * time + i], 0, dOut[t * headSize + d]);
        }
        dk.check("dk", dqkv[i * stride + headSize + d]);
        dv.check("dv", dqkv[i * stride + 2 * headSize + d]);
      }
    }
  }

  /** An fma chain whose left factors have errors of their own. */
  private static final class Chain {
    private double sum;
    private double magnitude;
    private double inherited;
    private int length;

    void add(double a, double aError, double b) {
      sum += a * b;
      magnitude += Math.abs(a * b);
      inherited += aError * Math.abs(b);
      length++;
    }

    void check(String what, float computed) {
      Rounding.assertWithin(what, computed, sum, inherited + length * U * magnitude);
    }
  }
}
