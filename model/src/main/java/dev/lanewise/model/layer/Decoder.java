package dev.lanewise.model.layer;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.Elementwise;
import dev.lanewise.kernels.KernelSet;

/**
 * Generation: the model run one token at a time, with the keys and values of past positions kept.
 * Computes the same chains as a whole pass, so its logits have the same bits. Dropout is off.
 *
 * <p>A token reads all weights once and computes little with each, so its speed is that of memory:
 * the workers share out the columns of every product, and the heads.
 *
 * <p>Not thread-safe; holds memory of its own.
 */
public final class Decoder {

  /** Floats of weights that one task multiplies with: enough to be worth a task. */
  private static final int PART = 1 << 16;

  /** Floats of keys from which on heads are shared out. */
  private static final int MANY_KEYS = 1 << 15;

  private final int width;
  private final int context;
  private final Embedding embedding;
  private final TransformerBlock[] blocks;
  private final LayerNorm finalNorm;
  private final OutputProjection projection;
  private final float[] weights;
  private final float[] panels;
  private final WorkerPool pool;
  private final int panelWidth;
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
  private final WorkerPool.Task partTask = this::part;
  private final WorkerPool.Task headTask = this::head;
  private RowProduct product;
  private int partColumns;
  private float[] from;
  private float[] to;
  private CausalSelfAttention attention;
  private float[] keyCache;
  private float[] valueCache;
  private int position;

  /**
   * Makes an empty decoder; {@code weights} and their panels are shared, not copied.
   *
   * @param pool works on each token
   */
  public Decoder(
      KernelSet kernels,
      int width,
      int context,
      Embedding embedding,
      TransformerBlock[] blocks,
      LayerNorm finalNorm,
      OutputProjection projection,
      float[] weights,
      WeightPanels panels,
      WorkerPool pool) {
    this.width = width;
    this.context = context;
    this.embedding = embedding;
    this.blocks = blocks.clone();
    this.finalNorm = finalNorm;
    this.projection = projection;
    this.weights = weights;
    this.panels = panels.forward();
    this.pool = pool;
    this.panelWidth = kernels.matmul().panelWidth();
    this.elementwise = kernels.elementwise();
    int widest = 3 * width;
    int heads = 1;
    for (TransformerBlock block : blocks) {
      widest = Math.max(widest, block.feedForward().hiddenWidth());
      heads = block.attention().heads();
    }
    this.x = new float[width];
    this.normed = new float[width];
    this.branch = new float[width];
    this.mixed = new float[width];
    this.wide = new float[widest];
    this.scores = new float[Math.multiplyExact(heads, context)];
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
    multiply(projection, normed, logits);
    position++;
    return logits;
  }

  private void normalize(LayerNorm norm) {
    norm.forward(1, weights, x, 0, normed, 0, moments, 0, 1);
  }

  private void attend(TransformerBlock block, float[] keyCache, float[] valueCache) {
    attention = block.attention();
    this.keyCache = keyCache;
    this.valueCache = valueCache;
    normalize(block.attentionNorm());
    multiply(attention.qkvProjection(), normed, wide);
    for (int d = 0; d < width; d++) {
      keyCache[d * context + position] = wide[width + d];
    }
    System.arraycopy(wide, 2 * width, valueCache, position * width, width);
    run(attention.heads(), position * width >= MANY_KEYS, headTask);
    multiply(attention.outProjection(), mixed, branch);
    elementwise.add(width, x, 0, branch, 0, x, 0);
  }

  private void head(int head, int worker) {
    int headSize = width / attention.heads();
    int first = head * headSize;
    attention
        .kernel()
        .last(
            position + 1,
            headSize,
            wide,
            first,
            keyCache,
            first * context,
            context,
            valueCache,
            first,
            width,
            mixed,
            first,
            scores,
            head * context);
  }

  private void feedForward(TransformerBlock block) {
    FeedForward network = block.feedForward();
    normalize(block.feedForwardNorm());
    multiply(network.up(), normed, wide);
    network.gelu().forward(network.hiddenWidth(), wide, 0, wide, 0);
    multiply(network.down(), wide, branch);
    elementwise.add(width, x, 0, branch, 0, x, 0);
  }

  private void multiply(RowProduct product, float[] from, float[] to) {
    this.product = product;
    this.from = from;
    this.to = to;
    partColumns = Math.max(1, PART / (product.in() * panelWidth)) * panelWidth;
    int parts = Math.ceilDiv(product.out(), partColumns);
    run(parts, parts > 1, partTask);
  }

  private void part(int index, int worker) {
    int first = index * partColumns;
    int end = Math.min(product.out(), first + partColumns);
    product.columns(first, end, weights, panels, from, to);
  }

  /** Runs tasks on the workers, or here if sharing out would take longer than the work. */
  private void run(int tasks, boolean shared, WorkerPool.Task task) {
    if (shared && pool.size() > 1) {
      pool.run(tasks, task);
      return;
    }
    for (int i = 0; i < tasks; i++) {
      task.run(i, 0);
    }
  }
}
