package dev.lanewise.trainer.text.conversation;

import java.util.Locale;

/** What is done with a document that is longer than the context. */
public enum LongDocuments {
  /** What is too long is left out, at its end. */
  CUT,
  /** It becomes several, each of which begins with the last token of the one before. */
  SPLIT;

  /** A piece of a document: tokens from one to another (exclusive). */
  public record Piece(int from, int end) {}

  /** Returns the name in settings. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns a piece of a document, counted from 0; null if there is none any more. Each token but
   * the first is predicted in one piece at most.
   *
   * @param tokens of the document
   * @param context the most tokens of a piece
   */
  public Piece piece(int index, int tokens, int context) {
    if (this == CUT) {
      return index > 0 ? null : new Piece(0, Math.min(tokens, context));
    }
    long from = (long) index * Math.max(1, context - 1);
    boolean isThere = index == 0 || from + 1 < tokens;
    return isThere ? new Piece((int) from, (int) Math.min(tokens, from + context)) : null;
  }
}
