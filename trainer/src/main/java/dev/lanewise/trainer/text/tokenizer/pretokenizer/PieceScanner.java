package dev.lanewise.trainer.text.tokenizer.pretokenizer;

/**
 * Takes pieces off the front of UTF-8 text that arrives in chunks: {@link #feed} bytes, take pieces
 * until it needs more, and so on; after the last bytes {@link #end}, and take the rest. Not
 * thread-safe.
 */
public interface PieceScanner {

  /** Takes as many bytes as there is room for and says how many. */
  int feed(byte[] utf8, int offset, int length);

  /** Reads text[from..to) in place, a text that is there as a whole; there is nothing to feed. */
  void readWhole(byte[] text, int from, int to);

  /** No more bytes will come. */
  void end();

  /** Forgets everything, for a new text in chunks. */
  void restart();

  /**
   * Moves on to the next piece, bytes {@link #start} to {@link #stop} of {@link #bytes}; false when
   * it needs more bytes.
   */
  boolean next();

  byte[] bytes();

  int start();

  int stop();
}
