package dev.lanewise.trainer.tokenizer;

/**
 * Takes UTF-8 that arrives in chunks apart into code points; bytes that begin no character are
 * U+FFFD.
 */
final class CodePoints {

  private final byte[] buffer = new byte[1 << 14];
  private int position;
  private int limit;
  private boolean ended;

  /**
   * Takes as many bytes as there is room for and says how many; call {@link #next} until -1 in
   * between.
   */
  int feed(byte[] utf8, int offset, int length) {
    System.arraycopy(buffer, position, buffer, 0, limit - position);
    limit -= position;
    position = 0;
    int taken = Math.min(length, buffer.length - limit);
    System.arraycopy(utf8, offset, buffer, limit, taken);
    limit += taken;
    return taken;
  }

  /** No more bytes will come. */
  void end() {
    ended = true;
  }

  /** Forgets everything, for a new text. */
  void restart() {
    position = 0;
    limit = 0;
    ended = false;
  }

  /** The next code point, or -1 when it takes more bytes to tell. */
  int next() {
    if (position == limit) {
      return -1;
    }
    int character = Utf8.decode(buffer, position, limit);
    if (character == Utf8.INCOMPLETE) {
      if (!ended) {
        return -1;
      }
      character = Utf8.MALFORMED;
    }
    position += Utf8.length(character);
    return Utf8.codePoint(character);
  }
}
