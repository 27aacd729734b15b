package dev.lanewise.trainer.generate;

import dev.lanewise.model.DecodedText;
import dev.lanewise.model.Decoder;
import java.util.Arrays;

/**
 * The tokens of a text that a model sees: the last ones, as many as its context holds. When it is
 * full the newer half stays, and its keys and values are other ones, because their positions are.
 * So that nobody waits for them then, they are computed beside the text, from when the half is
 * full: a few rows go along in a pass, which costs hardly more than without them.
 */
final class ContextWindow {

  /** Rows that go along: with the text's own four, which take as long as one. */
  private static final int ALONG = 3;

  private final Decoder decoder;
  private final int context;
  private final int kept;
  private final int[] tokens;
  private DecodedText text;
  private DecodedText next;

  /** Makes the window of an empty text. */
  ContextWindow(Decoder decoder, DecodedText text) {
    this.decoder = decoder;
    this.context = decoder.context();
    this.kept = context / 2;
    this.tokens = new int[context];
    this.text = text;
  }

  /** Returns how many tokens it can hold. */
  int capacity() {
    return context;
  }

  /** Returns how many tokens are in it. */
  int length() {
    return text.length();
  }

  /** Returns how many of some tokens it begins with. */
  int common(int[] ids, int from, int most) {
    int compared = Math.min(most, length());
    int common = Arrays.mismatch(tokens, 0, compared, ids, from, from + compared);
    return common < 0 ? compared : common;
  }

  /** Forgets all tokens but the first ones. */
  void rewind(int length) {
    text.rewind(length);
  }

  /** Forgets what has been computed for when the window moves. */
  void forgetNext() {
    if (next != null) {
      next.rewind(0);
    }
  }

  /** Returns a copy, which shares nothing with this one. */
  ContextWindow another() {
    ContextWindow copy = new ContextWindow(decoder, decoder.newText());
    copy.text.copy(text);
    System.arraycopy(tokens, 0, copy.tokens, 0, length());
    return copy;
  }

  /** Moves if it is full. Not while a pass is put together. */
  void makeRoom() {
    if (length() < context) {
      return;
    }
    while (nextLength() < kept) {
      addNext(Math.min(kept - nextLength(), decoder.maxRows()));
      decoder.run(0);
    }
    DecodedText full = text;
    text = next();
    next = full;
    next.rewind(0);
    System.arraycopy(tokens, context - kept, tokens, 0, kept);
  }

  /** Returns how many tokens fit. */
  int room() {
    return context - length();
  }

  /** Adds tokens to the pass that is being put together. */
  void add(int[] ids, int from, int count) {
    System.arraycopy(ids, from, tokens, length(), count);
    decoder.add(text, ids, from, count);
  }

  /**
   * Adds to the pass some rows of the window that is to be next, if it is time for them.
   *
   * @param known tokens of this window that are known to stay, those of the pass among them
   * @return how many
   */
  int addNextRows(int known) {
    int behind = known - (context - kept) - nextLength();
    int passes = context - known + 1;
    int rows = alongAtATime(Math.ceilDiv(kept - nextLength(), passes));
    if (behind < rows && passes > 1) {
      return 0;
    }
    int count = Math.max(0, Math.min(Math.min(behind, rows), decoder.room()));
    if (count > 0) {
      addNext(count);
    }
    return count;
  }

  /** Whole tiles of four rows, the text's own row in the first. */
  private static int alongAtATime(int rows) {
    return ALONG + Math.ceilDiv(Math.max(0, rows - ALONG), 4) * 4;
  }

  private void addNext(int count) {
    decoder.add(next(), tokens, context - kept + nextLength(), count);
  }

  /** Returns how many tokens of the next window have been computed. */
  int nextLength() {
    return next == null ? 0 : next.length();
  }

  private DecodedText next() {
    if (next == null) {
      next = decoder.newText();
    }
    return next;
  }
}
