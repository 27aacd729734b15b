package dev.lanewise.trainer.text.token;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.model.io.Counted;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The validation split as windows that together have every token but the first as a target exactly
 * once: window i is ids i*T to i*T+T, inputs and targets one apart. The last window may have fewer
 * than T targets; nothing is dropped. Windows are addressed by their index, so that workers can
 * share an evaluation. As safe for many threads as the tokens are.
 */
public final class ValidationWindows implements EvaluationTokens {

  /** A stream of its own: the order of training windows has epochs, the split -1. */
  private static final long STEP = -2;

  private final TokenSequence tokens;
  private final int context;

  /** The windows of the text that are part of this; null for all of them. */
  private final long[] drawn;

  private final long targets;

  /**
   * @param context T
   * @throws CorpusTooShortException when there are fewer than two tokens, so that there is nothing
   *     to predict
   */
  public ValidationWindows(TokenSequence tokens, int context) {
    if (context < 1) {
      throw new IllegalArgumentException("context %d has to be at least 1".formatted(context));
    }
    if (tokens.size() < 2) {
      throw new CorpusTooShortException(
          "the text to evaluate on has %s, but it takes 2 to predict one; give more text (--data)"
              .formatted(Counted.of(tokens.size(), "token")));
    }
    this.tokens = tokens;
    this.context = context;
    this.drawn = null;
    this.targets = tokens.size() - 1;
  }

  private ValidationWindows(ValidationWindows of, long[] drawn) {
    this.tokens = of.tokens;
    this.context = of.context;
    this.drawn = drawn;
    long sum = 0;
    for (long window : drawn) {
      sum += of.targets(window);
    }
    this.targets = sum;
  }

  @Override
  public ValidationWindows drawn(long most, long seed) {
    long all = count();
    long wanted = Math.ceilDiv(most, (long) context);
    if (most == 0 || wanted >= all) {
      return this;
    }
    return new ValidationWindows(this, draw(all, wanted, seed));
  }

  /** Draws so many of all windows, in order. */
  static long[] draw(long all, long wanted, long seed) {
    RandomStream random = new RandomStream(seed, RandomStream.DATA, STEP);
    // Robert Floyd's: as many draws as windows, and every choice is as likely.
    SortedSet<Long> chosen = new TreeSet<>();
    for (long last = all - wanted; last < all; last++) {
      long candidate = Long.remainderUnsigned(random.nextLong(), last + 1);
      if (!chosen.add(candidate)) {
        chosen.add(last);
      }
    }
    return chosen.stream().mapToLong(Long::longValue).toArray();
  }

  /** Which window of the text that is. */
  private long inText(long window) {
    return drawn == null ? window : drawn[Math.toIntExact(window)];
  }

  @Override
  public long count() {
    return drawn == null ? Math.ceilDiv(targets, (long) context) : drawn.length;
  }

  @Override
  public long targets() {
    return targets;
  }

  /** The number of targets of a window: T, or fewer in the last one. */
  public int targets(long window) {
    Objects.checkIndex(window, count());
    return (int) Math.min(context, tokens.size() - 1 - inText(window) * context);
  }

  /**
   * Copies a window's ids, {@code targets(window) + 1} of them, to target[targetOffset...); returns
   * the number of targets.
   */
  public int copy(long window, int[] target, int targetOffset) {
    int targets = targets(window);
    tokens.copy(inText(window) * context, targets + 1, target, targetOffset);
    return targets;
  }

  @Override
  public boolean standsAlone(long window) {
    return targets(window) < context;
  }

  @Override
  public Reader reader(int most) {
    int[] room = new int[most * (context + 1)];
    return (batch, window, windows) -> {
      int time = targets(window);
      for (int i = 0; i < windows; i++) {
        copy(window + i, room, i * (context + 1));
      }
      batch.takeWindows(room, 0, windows, time);
    };
  }
}
