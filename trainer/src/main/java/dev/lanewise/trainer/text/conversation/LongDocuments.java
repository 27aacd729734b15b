package dev.lanewise.trainer.text.conversation;

import java.util.ArrayList;
import java.util.List;
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
   * Returns the pieces of a document. Each token but the first is predicted in one piece at most.
   *
   * @param tokens of the document
   * @param context the most tokens of a piece
   */
  public List<Piece> pieces(int tokens, int context) {
    List<Piece> pieces = new ArrayList<>();
    pieces.add(new Piece(0, Math.min(tokens, context)));
    while (this == SPLIT && context > 1 && pieces.getLast().end() < tokens) {
      int from = pieces.getLast().end() - 1;
      pieces.add(new Piece(from, Math.min(tokens, from + context)));
    }
    return pieces;
  }
}
