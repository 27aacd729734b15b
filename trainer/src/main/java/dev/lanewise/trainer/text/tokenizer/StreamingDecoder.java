package dev.lanewise.trainer.text.tokenizer;

import java.util.Arrays;

/**
 * Decodes ids that arrive one by one into text that can be shown at once: bytes of a character that
 * is not yet complete are held back. All the pieces together equal {@link Tokenizer#decode(int[])}
 * of all the ids. Not thread-safe.
 */
public final class StreamingDecoder {

  private final Tokenizer tokenizer;
  private byte[] held = new byte[0];

  StreamingDecoder(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /**
   * The text that {@code id} completes, possibly empty.
   *
   * @throws IllegalArgumentException when the id is outside the vocabulary
   */
  public String accept(int id) {
    return decode(tokenizer.tokenBytes(id), false);
  }

  /**
   * The rest at the end of the text: U+FFFD for an incomplete character, else empty. Then a new
   * text may start.
   */
  public String finish() {
    String rest = decode(new byte[0], true);
    held = new byte[0];
    return rest;
  }

  private String decode(byte[] bytes, boolean last) {
    byte[] all = Arrays.copyOf(held, held.length + bytes.length);
    System.arraycopy(bytes, 0, all, held.length, bytes.length);
    StringBuilder text = new StringBuilder();
    int end = Utf8.appendTo(text, all, 0, all.length, last);
    held = Arrays.copyOfRange(all, end, all.length);
    return text.toString();
  }
}
