package dev.lanewise.trainer.text.tokenizer;

/**
 * Bytes of a text that arrives in chunks, for a scanner that takes units off their front: {@link
 * #feed} bytes, take units until it needs more, and so on; after the last bytes {@link #end}, and
 * take the rest.
 */
public abstract class Utf8Scanner {

  private final int bufferBytes;
  protected byte[] buffer = new byte[0];
  protected int position;
  protected int limit;
  protected boolean ended;

  protected Utf8Scanner(int bufferBytes) {
    this.bufferBytes = bufferBytes;
  }

  /** Takes as many bytes as there is room for and says how many. */
  public final int feed(byte[] utf8, int offset, int length) {
    if (buffer.length != bufferBytes) {
      buffer = new byte[bufferBytes];
    }
    System.arraycopy(buffer, position, buffer, 0, limit - position);
    limit -= position;
    position = 0;
    int taken = Math.min(length, buffer.length - limit);
    System.arraycopy(utf8, offset, buffer, limit, taken);
    limit += taken;
    return taken;
  }

  /** Reads text[from..to) in place, a text that is there as a whole; there is nothing to feed. */
  public void readWhole(byte[] text, int from, int to) {
    buffer = text;
    position = from;
    limit = to;
    ended = true;
  }

  /** No more bytes will come. */
  public final void end() {
    ended = true;
  }

  /** Forgets everything, for a new text in chunks. */
  public void restart() {
    position = 0;
    limit = 0;
    ended = false;
  }

  /** As {@link Utf8#decode}, but at the text's end a cut character is a malformed one. */
  protected final int characterAt(int at) {
    int character = Utf8.decode(buffer, at, limit);
    return character == Utf8.INCOMPLETE && ended ? Utf8.MALFORMED : character;
  }
}
