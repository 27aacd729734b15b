package dev.lanewise.trainer.text.tokenizer.pretokenizer;

/** A {@code pre_tokenizer} of a tokenizer's file. {@link PreTokenizers} knows all kinds. */
@FunctionalInterface
public interface PreTokenizer {

  /** The longest part of a text that one step of several leaves to the next. */
  int MAX_SEGMENT_BYTES = 1 << 20;

  /** A scanner for one thread. */
  PieceScanner scanner();
}
