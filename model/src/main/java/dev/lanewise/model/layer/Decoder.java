package dev.lanewise.model.layer;

import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.KernelSet;

/**
 * Generation: the model run one token at a time, with the keys and values of past positions kept.
 * Computes the same chains as a whole pass, so its logits have the same bits. Dropout is off.
 *
 * <p>Not thread-safe; holds memory of its own.
 */
public final class Decoder {

  private final int width;
  private final int context;
  private final Embedding embedding;
  private final TransformerBlock[] blocks;
  private final LayerNorm finalNorm;
  private final OutputProjection projection;
  private final float[] weights;
  private final float[] panels;
  private final Elementwise elementwise;
  private final int[] token = new int[1];
  private final float[] x;
  private final float[] normed;
  private final float[] branch;
  private final float[] mixed;
  private final float[] wide;
  private final float[] moments = new float[2];
  private final float[] scores;
  private final float[][] keys;
  private final float[][] values;
  private final float[] logits;
  private int position;

  /** Makes an empty decoder; {@code weights} and their panels are shared, not copied. */
  public Decoder(
      KernelSet kernels,
      int width,
      int context,
      Embedding embedding,
      TransformerBlock[] blocks,
      LayerNorm finalNorm,
      OutputProjection projection,
      float[] weights,
      WeightPanels panels) {
    this.width = width;
    this.context = context;
    this.embedding = embedding;
    this.blocks = blocks.clone();
    this.finalNorm = finalNorm;
    this.projection = projection;
    this.weights = weights;
    this.panels = panels.forward();
    this.elementwise = kernels.elementwise();
    int widest = 3 * width;
    for (TransformerBlock block : blocks) {
      widest = Math.max(widest, block.feedForward().hiddenWidth());
    }
    this.x = new float[width];
    this.normed = new float[width];
    this.branch = new float[width];
    this.mixed = new float[width];
    this.wide = new float[widest];
    this.scores = new float[context];
    this.keys = new float[blocks.length][Math.multiplyExact(width, context)];
    this.values = new float[blocks.length][Math.multiplyExact(width, context)];
    this.logits = new float[projection.vocabularySize()];
  }

  /** Returns how many tokens have been accepted since the last reset. */
  public int position() {
    return position;
  }

  /** Returns how many tokens fit. */
  public int context() {
    return context;
  }

  /** Forgets all tokens. */
  public void reset() {
    position = 0;
  }

  /**
   * Accepts the next token.
   *
   * @return the logits [V] of the token after it: an array that the next call overwrites
   * @throws IllegalStateException if the context is full
   * @throws IndexOutOfBoundsException if the id is not of the vocabulary
   */
  public float[] accept(int id) {
    if (position == context) {
      throw new IllegalStateException("the context of " + context + " tokens is full");
    }
    if (id < 0 || id >= projection.vocabularySize()) {
      throw new IndexOutOfBoundsException(
          "token " + id + " is not of a vocabulary of " + projection.vocabularySize());
    }
    token[0] = id;
    embedding.forward(1, token, 0, position, weights, x, 0);
    for (int i = 0; i < blocks.length; i++) {
      attend(blocks[i], keys[i], values[i]);
      feedForward(blocks[i]);
    }
    normalize(finalNorm);
    projection.forward(1, panels, normed, 0, logits, 0);
    position++;
    return logits;
  }

  private void normalize(LayerNorm norm) {
    norm.forward(1, weights, x, 0, normed, 0, moments, 0, 1);
  }

  private void attend(TransformerBlock block, float[] keyCache, float[] valueCache) {
    CausalSelfAttention attention = block.attention();
    normalize(block.attentionNorm());
    attention.qkvProjection().forward(1, weights, panels, normed, 0, wide, 0);
    for (int d = 0; d < width; d++) {
      keyCache[d * context + position] = wide[width + d];
    }
    System.arraycopy(wide, 2 * width, valueCache, position * width, width);
    int headSize = width / attention.heads();
    for (int from = 0; from < width; from += headSize) {
      attention
          .kernel()
          .last(
              position + 1,
              headSize,
              wide,
              from,
              keyCache,
              from * context,
              context,
              valueCache,
              from,
              width,
              mixed,
              from,
              scores,
              0);
    }
    attention.outProjection().forward(1, weights, panels, mixed, 0, branch, 0);
    elementwise.add(width, x, 0, branch, 0, x, 0);
  }

  private void feedForward(TransformerBlock block) {
    FeedForward network = block.feedForward();
    normalize(block.feedForwardNorm());
    network.up().forward(1, weights, panels, normed, 0, wide, 0);
    network.gelu().forward(network.hiddenWidth(), wide, 0, wide, 0);
    network.down().forward(1, weights, panels, wide, 0, branch, 0);
    elementwise.add(width, x, 0, branch, 0, x, 0);
  }
}
