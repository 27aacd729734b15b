package dev.lanewise.trainer.generate;

import java.util.Arrays;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/** A text that is being written: from one pass to the next, one token or several. */
final class Writing {

  private final ContextWindow window;
  private final TokenSampler sampler;
  private final Guesses guesses;
  private final Set<Integer> endTokens;
  private final int promptTokens;
  private final int maxTokens;
  private final IntConsumer out;
  private final int[] added = new int[1 + Guesses.MOST];
  private int[] all;
  private int tokens;
  private int guessed;
  private int before;
  private boolean ended;
  private boolean stopped;

  /**
   * Begins behind a prompt.
   *
   * @param prompt which has gone into the window, as much of it as fits
   * @param guesses of the next tokens, or null
   */
  Writing(
      ContextWindow window,
      TokenSampler sampler,
      Guesses guesses,
      Set<Integer> endTokens,
      int[] prompt,
      int maxTokens,
      IntConsumer out) {
    this.window = window;
    this.sampler = sampler;
    this.guesses = guesses;
    this.endTokens = endTokens;
    this.promptTokens = prompt.length;
    this.maxTokens = maxTokens;
    this.out = out;
    this.all = prompt;
    this.before = window.length() - 1;
  }

  boolean hasEnded() {
    return ended || stopped;
  }

  /** Ends the text before its end. */
  void stop() {
    stopped = true;
  }

  Generator.Result result() {
    return new Generator.Result(promptTokens, tokens, stopped);
  }

  /** Moves the window if it is full. Not while a pass is put together. */
  void makeRoom() {
    window.makeRoom();
  }

  /**
   * Adds the last token to a pass, and guesses of those that follow.
   *
   * @param most rows
   * @param times of passes
   * @param others rows of other texts in the pass, and of those to come at least one each
   * @param texts in the pass
   * @return rows, whose logits are wanted
   */
  int add(int most, PassTimes times, int others, int texts) {
    int length = promptTokens + tokens;
    before = window.length();
    added[0] = all[length - 1];
    guessed = 0;
    if (guesses != null) {
      // The last token that is asked for needs no row.
      int useful = Math.min(maxTokens - tokens - 1, Math.min(most, window.room()) - 1);
      guessed = guesses.guess(all, length, useful, times, others + 1, texts);
      guesses.copyTo(added, 1, guessed);
    }
    window.add(added, 0, 1 + guessed);
    return 1 + guessed;
  }

  /** Adds rows of the window to come to the pass, if this text gets so far; returns how many. */
  int addNextRows() {
    return (long) before + maxTokens - tokens > window.capacity()
        ? window.addNextRows(before + 1)
        : 0;
  }

  /**
   * Chooses the next token, and those after it as far as they were guessed.
   *
   * @param logits of the rows that were added, the first row's at the offset
   * @param stride from one row's to the next
   */
  void take(float[] logits, int offset, int stride, BooleanSupplier stop) {
    int right = 0;
    while (true) {
      int id = sampler.sample(logits, offset + right * stride, (long) promptTokens + tokens);
      if (endTokens.contains(id)) {
        ended = true;
        break;
      }
      append(id);
      out.accept(id);
      ended = tokens == maxTokens;
      if (ended || right == guessed || guesses.token(right) != id) {
        break;
      }
      right++;
      if (stop.getAsBoolean()) {
        stopped = true;
        break;
      }
    }
    window.rewind(before + 1 + right);
  }

  private void append(int id) {
    int length = promptTokens + tokens;
    if (length == all.length) {
      all = Arrays.copyOf(all, Math.max(16, length + length / 2));
    }
    all[length] = id;
    tokens++;
  }
}
