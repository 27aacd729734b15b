package dev.lanewise.model.reference;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.kernels.Dropout;
import dev.lanewise.kernels.Philox;
import dev.lanewise.model.GptConfig;
import java.util.Arrays;

/**
 * A whole GPT, forward and loss, in float64 and plain loops: the file to read first. It is the
 * oracle of the tests and what {@link GradientCheck} differentiates; it has no backward pass and is
 * slow.
 *
 * <p>T is the number of positions of a sequence, C the width, V the vocabulary. An activation is T
 * rows, {@code x[t]}. Weights are found by their names in GPT-2. Not thread-safe against changes of
 * the weights, which are shared and not copied.
 */
public final class ReferenceGpt {

  private static final double NORM_EPSILON = 1e-5;

  private final GptConfig config;
  private final ParameterLayout layout;
  private final double[] weights;
  private final Training training;

  /** What the masks of dropout are drawn from. */
  private record Training(long seed, int step) {}

  /**
   * Makes a model without dropout.
   *
   * @param weights in that layout, which is {@link dev.lanewise.model.Gpt#layout}'s
   */
  public ReferenceGpt(GptConfig config, ParameterLayout layout, double[] weights) {
    this(config, layout, weights, null);
  }

  private ReferenceGpt(
      GptConfig config, ParameterLayout layout, double[] weights, Training training) {
    this.config = config;
    this.layout = layout;
    this.weights = weights;
    this.training = training;
  }

  /** Returns this model with the dropout of one training step. */
  public ReferenceGpt inTraining(long seed, int step) {
    return new ReferenceGpt(config, layout, weights, new Training(seed, step));
  }

  /**
   * Computes the mean loss in nats.
   *
   * @param windows that many sequences of T + 1 ids: the first T are inputs, the last T targets
   */
  public double loss(int[] windows, int sequences) {
    return Arrays.stream(losses(windows, sequences)).average().orElseThrow();
  }

  /** Computes the loss of each row, in nats; row = sequence · T + position. */
  public double[] losses(int[] windows, int sequences) {
    int time = windows.length / sequences - 1;
    double[] losses = new double[sequences * time];
    for (int row = 0; row < losses.length; row += time) {
      int window = row / time * (time + 1);
      double[][] logits = logits(Arrays.copyOfRange(windows, window, window + time), row);
      for (int t = 0; t < time; t++) {
        losses[row + t] = crossEntropy(logits[t], windows[window + t + 1]);
      }
    }
    return losses;
  }

  /**
   * Computes the logits [T, V] of the token after each position.
   *
   * @param firstRow the number of the sequence's first row in its batch, which dropout depends on
   */
  public double[][] logits(int[] ids, int firstRow) {
    double[][] x = dropout(embed(ids), 0, firstRow);
    for (int layer = 0; layer < config.layers(); layer++) {
      String block = "h." + layer;
      double[][] attended = attention(layerNorm(x, block + ".ln_1"), block + ".attn");
      x = add(x, dropout(attended, 1 + 2 * layer, firstRow));
      double[][] fed = feedForward(layerNorm(x, block + ".ln_2"), block + ".mlp");
      x = add(x, dropout(fed, 2 + 2 * layer, firstRow));
    }
    return project(layerNorm(x, "ln_f"));
  }

  private double[][] embed(int[] ids) {
    int width = config.width();
    int tokens = layout.parameter("wte.weight").offset();
    int positions = layout.parameter("wpe.weight").offset();
    double[][] x = new double[ids.length][width];
    for (int t = 0; t < ids.length; t++) {
      for (int c = 0; c < width; c++) {
        x[t][c] = weights[tokens + ids[t] * width + c] + weights[positions + t * width + c];
      }
    }
    return x;
  }

  /** Multi-head causal self-attention: position t mixes the values of positions s ≤ t. */
  private double[][] attention(double[][] x, String name) {
    int time = x.length;
    int width = config.width();
    int headSize = config.headSize();
    double[][] qkv = linear(x, name + ".c_attn");
    double[][] mixed = new double[time][width];
    for (int head = 0; head < width; head += headSize) {
      int key = width + head;
      int value = 2 * width + head;
      for (int t = 0; t < time; t++) {
        double[] scores = new double[t + 1];
        for (int s = 0; s <= t; s++) {
          for (int d = 0; d < headSize; d++) {
            scores[s] += qkv[t][head + d] * qkv[s][key + d];
          }
          scores[s] /= Math.sqrt(headSize);
        }
        double[] probabilities = softmax(scores);
        for (int s = 0; s <= t; s++) {
          for (int d = 0; d < headSize; d++) {
            mixed[t][head + d] += probabilities[s] * qkv[s][value + d];
          }
        }
      }
    }
    return linear(mixed, name + ".c_proj");
  }

  private double[][] feedForward(double[][] x, String name) {
    double[][] hidden = linear(x, name + ".c_fc");
    for (double[] row : hidden) {
      for (int i = 0; i < row.length; i++) {
        row[i] = gelu(row[i]);
      }
    }
    return linear(hidden, name + ".c_proj");
  }

  /** The tanh form of GELU (Hendrycks and Gimpel, 2016). */
  static double gelu(double x) {
    double u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
    return 0.5 * x * (1 + Math.tanh(u));
  }

  /** y = x W + b, with W of shape [in, out]. */
  private double[][] linear(double[][] x, String name) {
    Parameter weight = layout.parameter(name + ".weight");
    int out = weight.shape().dimension(1);
    double[][] y = new double[x.length][out];
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        for (int j = 0; j < out; j++) {
          y[t][j] += x[t][i] * weights[weight.offset() + i * out + j];
        }
      }
      addBias(y[t], name);
    }
    return y;
  }

  private double[][] layerNorm(double[][] x, String name) {
    int width = config.width();
    int gain = layout.parameter(name + ".weight").offset();
    double[][] y = new double[x.length][width];
    for (int t = 0; t < x.length; t++) {
      double mean = Arrays.stream(x[t]).sum() / width;
      double variance = 0;
      for (double value : x[t]) {
        variance += (value - mean) * (value - mean) / width;
      }
      for (int c = 0; c < width; c++) {
        y[t][c] = (x[t][c] - mean) / Math.sqrt(variance + NORM_EPSILON) * weights[gain + c];
      }
      addBias(y[t], name);
    }
    return y;
  }

  private void addBias(double[] row, String name) {
    if (config.biases()) {
      int bias = layout.parameter(name + ".bias").offset();
      for (int j = 0; j < row.length; j++) {
        row[j] += weights[bias + j];
      }
    }
  }

  /** logits = x Wᵀ; with a tied head, W is the table of token embeddings. */
  private double[][] project(double[][] x) {
    int head = layout.parameter(config.tiedHead() ? "wte.weight" : "lm_head.weight").offset();
    double[][] logits = new double[x.length][config.vocabularySize()];
    for (int t = 0; t < x.length; t++) {
      for (int id = 0; id < logits[t].length; id++) {
        for (int c = 0; c < x[t].length; c++) {
          logits[t][id] += x[t][c] * weights[head + id * config.width() + c];
        }
      }
    }
    return logits;
  }

  /**
   * Drops elements by the same random numbers as {@link dev.lanewise.model.layer.Dropout}: element
   * row · C + c of a stream, of which the embedding has number 0 and each block two.
   */
  private double[][] dropout(double[][] x, int stream, int firstRow) {
    if (training == null) {
      return x;
    }
    int threshold = Dropout.threshold(config.dropout());
    for (int t = 0; t < x.length; t++) {
      for (int c = 0; c < x[t].length; c++) {
        long element = (long) (firstRow + t) * x[t].length + c;
        int u = Philox.element(training.seed(), stream, training.step(), element) >>> 8;
        x[t][c] = u >= threshold ? x[t][c] / (1 - config.dropout()) : 0;
      }
    }
    return x;
  }

  private static double[][] add(double[][] x, double[][] branch) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < y.length; t++) {
      for (int c = 0; c < y[t].length; c++) {
        y[t][c] = x[t][c] + branch[t][c];
      }
    }
    return y;
  }

  private static double[] softmax(double[] x) {
    double logSum = logSumExp(x);
    return Arrays.stream(x).map(value -> Math.exp(value - logSum)).toArray();
  }

  /** −log softmax(logits)[target]. */
  private static double crossEntropy(double[] logits, int target) {
    return logSumExp(logits) - logits[target];
  }

  private static double logSumExp(double[] x) {
    double max = Arrays.stream(x).max().orElseThrow();
    return max + Math.log(Arrays.stream(x).map(value -> Math.exp(value - max)).sum());
  }
}
