package dev.lanewise.trainer.text.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes ids that arrive one by one into text that can be shown at once: bytes of a character that
 * is not yet complete are held back. All the pieces together equal {@link Tokenizer#decode(int[])}
 * of all the ids. Not thread-safe.
 */
public final class StreamingDecoder {

  private static final int MAX_UTF8_BYTES = 4;

  private final Tokenizer tokenizer;
  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
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
    decoder.reset();
    held = new byte[0];
    return rest;
  }

  private String decode(byte[] bytes, boolean last) {
    ByteBuffer in = ByteBuffer.allocate(held.length + bytes.length).put(held).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + MAX_UTF8_BYTES);
    decoder.decode(in, out, last);
    if (last) {
      decoder.flush(out);
    }
    held = new byte[in.remaining()];
    in.get(held);
    return out.flip().toString();
  }
}
