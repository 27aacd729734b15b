package dev.lanewise.trainer.text.token;

import dev.lanewise.model.io.Counted;
import java.util.Objects;

/**
 * Draws training batches as a pure function of (seed, index of the draw), so that a resumed run
 * needs no state of it.
 *
 * <p>Shapes: N tokens, context T, batch B. A window is T+1 ids, inputs 0..T-1 and targets 1..T. An
 * epoch cuts the corpus, from a random phase on, into W = max(1, N / T - 1) windows whose inputs do
 * not overlap, and takes them in a random order. The phase is at most what is left over, fewer than
 * 2T tokens: each token is an input once per epoch, except for those at the two ends, which another
 * phase brings in. Rows are taken from one epoch after another, so that a batch may span two.
 *
 * <p>Not thread-safe: it remembers the order of the epoch it drew from last.
 */
public final class BatchSampler {

  private final TokenSequence tokens;
  private final int batch;
  private final int context;
  private final long windows;
  private final WindowOrder order;
  private long orderEpoch = -1;

  /**
   * @param tokens the training split
   * @param batch B, rows per draw
   * @param context T
   * @throws CorpusTooShortException when the split holds fewer than T+1 tokens
   */
  public BatchSampler(TokenSequence tokens, int batch, int context, long seed) {
    if (batch < 1 || context < 1) {
      throw new IllegalArgumentException(
          "batch %d and context %d have to be at least 1".formatted(batch, context));
    }
    if (tokens.size() < context + 1L) {
      throw new CorpusTooShortException(
          ("the training split has %s, but one window of context %d takes %d; give"
                  + " more text (--data), or take --context %d or less")
              .formatted(
                  Counted.of(tokens.size(), "token"),
                  context,
                  context + 1L,
                  Math.max(0, tokens.size() - 1)));
    }
    this.tokens = tokens;
    this.batch = batch;
    this.context = context;
    this.windows = windows(tokens, context);
    int phases = Math.toIntExact(tokens.size() - windows * context);
    this.order = new WindowOrder(seed, windows, phases);
  }

  /** W, the number of windows of T+1 tokens in an epoch over some tokens. */
  public static long windows(TokenSequence tokens, int context) {
    return Math.max(1, tokens.size() / context - 1);
  }

  /** W, the number of windows in an epoch. */
  public long windowsPerEpoch() {
    return windows;
  }

  /**
   * Draw {@code index}, counted from 0: B rows of T+1 ids, row-major, into target[0..B*(T+1)). With
   * gradient accumulation over A draws, step s takes draws s*A to s*A+A-1. Allocates nothing.
   */
  public void draw(long index, int[] target) {
    int row = context + 1;
    Objects.checkFromIndexSize(0, Math.multiplyExact(batch, row), target.length);
    long first = Math.multiplyExact(index, (long) batch);
    for (int b = 0; b < batch; b++) {
      tokens.copy(windowStart(first + b), row, target, b * row);
    }
  }

  private long windowStart(long drawnWindow) {
    long epoch = drawnWindow / windows;
    if (epoch != orderEpoch) {
      order.begin(epoch);
      orderEpoch = epoch;
    }
    return order.phase() + order.window(drawnWindow % windows) * context;
  }
}
