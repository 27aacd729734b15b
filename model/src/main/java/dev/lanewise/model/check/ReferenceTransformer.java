package dev.lanewise.model.check;

import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.kernels.Heads;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.layer.DoubleWeights;
import dev.lanewise.model.layer.Embedding;
import dev.lanewise.model.layer.NgramTable;
import dev.lanewise.model.layer.RandomMasks;
import dev.lanewise.model.layer.TokenEmbedding;
import dev.lanewise.model.layer.TransformerBlock;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Batch;
import java.util.Arrays;

/**
 * A whole transformer, forward and loss, in float64 and plain loops: the file to read first. What a
 * model may choose (norm, positions, feed-forward network) defines itself in its own file, beside
 * its fast form. It is the oracle of the tests and what {@link GradientCheck} differentiates; it
 * has no backward pass and is slow.
 *
 * <p>T is the number of positions of a sequence, C the width, V the vocabulary. An activation is T
 * rows, {@code x[t]}. Not thread-safe against changes of the weights, which are shared and not
 * copied.
 */
public final class ReferenceTransformer {

  private final TransformerConfig config;
  private final TransformerBlock.Choice block;
  private final DoubleWeights weights;
  private final RandomMasks masks;

  /** Of a sampled softmax; 0 for the whole vocabulary. */
  private final int candidates;

  /**
   * Makes a model without dropout.
   *
   * @param weights in that layout, which is {@link Transformer#layout}'s
   */
  public ReferenceTransformer(TransformerConfig config, ParameterLayout layout, double[] weights) {
    this(config, new DoubleWeights(layout, weights), RandomMasks.NONE, 0);
  }

  private ReferenceTransformer(
      TransformerConfig config, DoubleWeights weights, RandomMasks masks, int candidates) {
    this.config = config;
    this.block = config.block();
    this.weights = weights.with(masks);
    this.masks = masks;
    this.candidates = candidates;
  }

  /** Returns this model with what is added to some of its weights. */
  public ReferenceTransformer adaptedBy(Adaptation adaptation) {
    return new ReferenceTransformer(config, weights.adaptedBy(adaptation), masks, candidates);
  }

  /** Returns this model with the dropout of one training step, and training's temperature. */
  public ReferenceTransformer inTraining(long seed, int step) {
    return new ReferenceTransformer(config, weights, RandomMasks.of(seed, step), candidates);
  }

  /**
   * Returns this model with the sampled softmax of one training step.
   *
   * @param rows the most rows of a pass
   */
  public ReferenceTransformer withSampledSoftmax(int rows) {
    return new ReferenceTransformer(config, weights, masks, rows + config.loss().sampled());
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
    int[] ids = new int[sequences * time];
    int[] targets = new int[sequences * time];
    for (int s = 0; s < sequences; s++) {
      System.arraycopy(windows, s * (time + 1), ids, s * time, time);
      System.arraycopy(windows, s * (time + 1) + 1, targets, s * time, time);
    }
    int[] lengths = new int[sequences];
    Arrays.fill(lengths, time);
    return losses(ids, targets, lengths);
  }

  /**
   * Computes the loss of each row of documents, one after another, in nats: each by itself.
   *
   * @param targets as many as ids, or {@link Batch#UNCOUNTED}, whose loss is 0
   */
  public double[] losses(int[] ids, int[] targets, int[] lengths) {
    double[] losses = new double[ids.length];
    double[] added =
        candidates > 0 && candidates < config.vocabularySize()
            ? masks.addedToLogits(targets, config.vocabularySize(), candidates)
            : new double[config.vocabularySize()];
    double temperature = masks.training() ? config.loss().temperature() : 1;
    int row = 0;
    for (int length : lengths) {
      double[][] logits = logits(Arrays.copyOfRange(ids, row, row + length), row);
      for (int t = 0; t < length; t++, row++) {
        losses[row] =
            targets[row] == Batch.UNCOUNTED
                ? 0
                : crossEntropy(add(over(temperature, logits[t]), added), targets[row]);
      }
    }
    return losses;
  }

  private static double[] over(double temperature, double[] logits) {
    return Arrays.stream(logits).map(logit -> logit / temperature).toArray();
  }

  /** Computes the mean loss of documents over the rows whose targets count, in nats. */
  public double loss(int[] ids, int[] targets, int[] lengths) {
    double sum = Arrays.stream(losses(ids, targets, lengths)).sum();
    return sum / Batch.counted(targets, 0, targets.length);
  }

  /**
   * Computes the logits [T, V] of the token after each position.
   *
   * @param firstRow the number of the sequence's first row in its batch, which dropout depends on
   */
  public double[][] logits(int[] ids, int firstRow) {
    return new ReferenceTransformer(config, weights, masks.from(firstRow), 0).logits(ids);
  }

  private double[][] logits(int[] ids) {
    double[][] embedded = dropout(embed(ids), 0);
    double[][] x = embedded;
    for (int i = 0; i < config.layers(); i++) {
      String layer = "layers." + i;
      x = config.paths().everyBlock() ? blockInput(x, embedded, layer) : x;
      double[][] normed1 = norm(x, layer + ".attention_norm");
      double[][] attended = attention(normed1, ids, layer + ".attention");
      double[][] middle = add(x, dropout(attended, 1 + 2 * i));
      double[][] normed = norm(block.parallel() ? x : middle, layer + ".feed_forward_norm");
      double[][] fed = block.feedForward().define(weights, layer + ".feed_forward", normed);
      x = add(middle, dropout(fed, 2 + 2 * i));
    }
    return project(norm(x, "final_norm"));
  }

  private double[][] embed(int[] ids) {
    double[][] x = new double[ids.length][];
    for (int t = 0; t < ids.length; t++) {
      double[] token = weights.row(Embedding.TABLE, ids[t]);
      for (NgramTable table : config.paths().tables()) {
        if (masks.keepsRow(table, config.paths().rowDropout(), t)) {
          int row = table.new Lookup(config.vocabularySize()).row(ids, t, t);
          token = add(token, weights.row(table.parameter(), row));
        }
      }
      if (config.paths().normed()) {
        token = block.norm().define(weights, TokenEmbedding.NORM, token);
      }
      x[t] = config.positions().defineEmbedding(weights, token, t);
    }
    return x;
  }

  private double[][] blockInput(double[][] x, double[][] embedded, String layer) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = TransformerBlock.defineInput(weights, layer, x[t], embedded[t]);
    }
    return y;
  }

  private double[][] norm(double[][] x, String name) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = block.norm().define(weights, name, x[t]);
    }
    return y;
  }

  /** Causal self-attention: position t mixes the values of positions s ≤ t. */
  private double[][] attention(double[][] x, int[] ids, String name) {
    int time = x.length;
    Heads heads = block.attention().heads();
    double[][] qkv = weights.linear(x, name + ".qkv");
    int values = (heads.queries() + heads.keyValues()) * heads.size();
    for (int t = 0; t < time; t++) {
      double[] more = block.attention().defineValues(weights, name, ids[t]);
      for (int i = 0; more != null && i < more.length; i++) {
        qkv[t][values + i] += more[i];
      }
    }
    double[][] mixed = new double[time][heads.queryWidth()];
    for (int head = 0; head < heads.queries(); head++) {
      int group = head / heads.group();
      double[][] q = new double[time][];
      double[][] k = new double[time][];
      for (int t = 0; t < time; t++) {
        q[t] = block.attention().defineQuery(weights, name, head(qkv[t], head));
        k[t] = block.attention().defineKey(weights, name, head(qkv[t], heads.queries() + group));
        q[t] = config.positions().defineHead(q[t], t);
        k[t] = config.positions().defineHead(k[t], t);
      }
      int value = (heads.queries() + heads.keyValues() + group) * heads.size();
      for (int t = 0; t < time; t++) {
        double[] scores = new double[t + 1];
        for (int s = 0; s <= t; s++) {
          for (int d = 0; d < heads.size(); d++) {
            scores[s] += q[t][d] * k[s][d];
          }
          scores[s] /= Math.sqrt(heads.size());
        }
        double[] probabilities = softmax(scores);
        for (int s = 0; s <= t; s++) {
          for (int d = 0; d < heads.size(); d++) {
            mixed[t][head * heads.size() + d] += probabilities[s] * qkv[s][value + d];
          }
        }
      }
    }
    return weights.linear(mixed, name + ".output");
  }

  /** Head number n of a row in which all queries, keys and values lie side by side. */
  private double[] head(double[] qkv, int n) {
    int size = block.attention().heads().size();
    return Arrays.copyOfRange(qkv, n * size, (n + 1) * size);
  }

  /** logits = x Wᵀ; with a tied head, W is the table of token embeddings. */
  private double[][] project(double[][] x) {
    String head = config.tiedHead() ? Embedding.TABLE : Transformer.HEAD;
    double[][] logits = new double[x.length][config.vocabularySize()];
    for (int id = 0; id < config.vocabularySize(); id++) {
      double[] row = weights.row(head, id);
      for (int t = 0; t < x.length; t++) {
        for (int c = 0; c < row.length; c++) {
          logits[t][id] += x[t][c] * row[c];
        }
      }
    }
    return logits;
  }

  /** Number 0 is the embedding's stream, and each block has two. */
  private double[][] dropout(double[][] x, int stream) {
    return masks.drop(x, block.dropout(), stream);
  }

  private static double[][] add(double[][] x, double[][] branch) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < y.length; t++) {
      y[t] = add(x[t], branch[t]);
    }
    return y;
  }

  private static double[] add(double[] a, double[] b) {
    double[] y = new double[a.length];
    for (int c = 0; c < y.length; c++) {
      y[c] = a[c] + b[c];
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
