package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.Rounding.U;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Causal attention against double. */
class AttentionAccuracyTest {

  private final Attention attention = ScalarKernels.create().attention();

  /** Query heads that share the one key head. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "5, 3, 2", "64, 32, 1", "130, 16, 1", "70, 16, 3"})
  void forward(int time, int size, int group) {
    Heads heads = new Heads(group, 1, size);
    int width = heads.queryWidth();
    float[] q = Rounding.normal(1, time * width, 1f);
    float[] k = Rounding.normal(2, time * size, 1f);
    float[] v = Rounding.normal(3, time * size, 1f);
    float[] out = new float[time * width];
    float[] probabilities = new float[group * time * time];
    attention.forward(
        heads,
        0,
        0,
        time,
        Matrix.of(q, 0, width),
        Matrix.of(k, 0, size),
        Matrix.of(v, 0, size),
        Matrix.of(out, 0, width),
        Matrix.of(probabilities, 0, time),
        0,
        scratch(heads, time));
    double scale = 1 / Math.sqrt(size);
    for (int i = 0; i < group * time; i++) {
      int t = i % time;
      int query = t * width + i / time * size;
      double[] z = new double[t + 1];
      double max = Double.NEGATIVE_INFINITY;
      double min = Double.POSITIVE_INFINITY;
      double zError = 0;
      for (int s = 0; s <= t; s++) {
        double magnitude = 0;
        for (int d = 0; d < size; d++) {
          double product = (double) q[query + d] * k[s * size + d];
          z[s] += scale * product;
          magnitude += scale * Math.abs(product);
        }
        // The chain, and two roundings in the scale.
        zError = Math.max(zError, size * U * magnitude + 2 * U * Math.abs(z[s]));
        max = Math.max(max, z[s]);
        min = Math.min(min, z[s]);
      }
      double sum = 0;
      for (double score : z) {
        sum += StrictMath.exp(score - max);
      }
      double h = zError + U * (Math.max(Math.abs(max), Math.abs(min)) + (max - min));
      double relative = SoftmaxAccuracyTest.relativeBound(t + 1, h);
      for (int d = 0; d < size; d++) {
        double exact = 0;
        double magnitude = 0;
        for (int s = 0; s <= t; s++) {
          double p = StrictMath.exp(z[s] - max) / sum;
          Rounding.assertWithin("p", probabilities[i * time + s], p, relative * p);
          exact += p * v[s * size + d];
          magnitude += p * Math.abs(v[s * size + d]);
        }
        double bound = (relative + (t + 1) * U) * magnitude;
        Rounding.assertWithin("o(%d,%d)".formatted(i, d), out[query + d], exact, bound);
      }
    }
  }

  /** The probabilities are inputs here, so that their errors are none of backward's. */
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "5, 3, 2", "40, 16, 1", "65, 8, 1", "33, 8, 3"})
  void backward(int time, int size, int group) {
    Heads heads = new Heads(group, 1, size);
    int width = heads.queryWidth();
    float[] q = Rounding.normal(1, time * width, 1f);
    float[] k = Rounding.normal(2, time * size, 1f);
    float[] v = Rounding.normal(3, time * size, 1f);
    float[] dOut = Rounding.normal(4, time * width, 1f);
    float[] p = Rounding.normal(5, group * time * time, 0.3f);
    float[] dq = new float[time * width];
    float[] dk = new float[time * size];
    float[] dv = new float[time * size];
    attention.backward(
        heads,
        0,
        0,
        time,
        Matrix.of(q, 0, width),
        Matrix.of(k, 0, size),
        Matrix.of(v, 0, size),
        Matrix.of(p, 0, time),
        0,
        Matrix.of(dOut, 0, width),
        Matrix.of(dq, 0, width),
        Matrix.of(dk, 0, size),
        Matrix.of(dv, 0, size),
        scratch(heads, time));
    double scale = 1 / Math.sqrt(size);
    double[][] dz = new double[group * time][time];
    double[][] dzError = new double[group * time][time];
    for (int i = 0; i < group * time; i++) {
      int t = i % time;
      int query = t * width + i / time * size;
      double[] dp = new double[t + 1];
      double[] dpError = new double[t + 1];
      double dot = 0;
      double dotError = 0;
      for (int s = 0; s <= t; s++) {
        for (int d = 0; d < size; d++) {
          double product = (double) dOut[query + d] * v[s * size + d];
          dp[s] += product;
          dpError[s] += size * U * Math.abs(product);
        }
        double weight = Math.abs(p[i * time + s]);
        dot += p[i * time + s] * dp[s];
        dotError += weight * (dpError[s] + Rounding.laneSum(t + 1) * U * Math.abs(dp[s]));
      }
      for (int s = 0; s <= t; s++) {
        dz[i][s] = scale * p[i * time + s] * (dp[s] - dot);
        // The difference, two products, and two roundings in the scale.
        dzError[i][s] =
            scale * Math.abs(p[i * time + s]) * (dpError[s] + dotError)
                + 5 * U * Math.abs(dz[i][s]);
      }
    }
    for (int d = 0; d < size; d++) {
      for (int i = 0; i < group * time; i++) {
        Chain chain = new Chain();
        for (int s = 0; s <= i % time; s++) {
          chain.add(dz[i][s], dzError[i][s], k[s * size + d]);
        }
        chain.check("dq", dq[i % time * width + i / time * size + d]);
      }
      for (int s = 0; s < time; s++) {
        Chain dkChain = new Chain();
        Chain dvChain = new Chain();
        for (int i = 0; i < group * time; i++) {
          if (i % time >= s) {
            int query = i % time * width + i / time * size + d;
            dkChain.add(dz[i][s], dzError[i][s], q[query]);
            dvChain.add(p[i * time + s], 0, dOut[query]);
          }
        }
        dkChain.check("dk", dk[s * size + d]);
        dvChain.check("dv", dv[s * size + d]);
      }
    }
  }

  private Matrix scratch(Heads heads, int time) {
    int floats = (int) attention.scratchSize(heads, time, true);
    return Matrix.of(new float[floats], 0, floats);
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
