package dev.lanewise.trainer.text.tokenizer.normalizer;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import java.io.IOException;
import java.util.Arrays;

/** Replaces a string in text that arrives in chunks, which may end inside an occurrence. */
final class ReplaceEncoder implements TokenEncoder {

  private final byte[] pattern;
  private final byte[] content;
  private final TokenEncoder next;

  /** What may be the beginning of an occurrence; shorter than the pattern. */
  private final byte[] held;

  private int heldLength;
  private byte[] output = new byte[1 << 10];
  private int count;

  ReplaceEncoder(byte[] pattern, byte[] content, TokenEncoder next) {
    this.pattern = pattern;
    this.content = content;
    this.next = next;
    this.held = new byte[pattern.length];
  }

  @Override
  public void write(byte[] utf8, int offset, int length) throws IOException {
    int end = offset + length;
    for (int at = offset; at < end; at++) {
      byte b = utf8[at];
      if (heldLength == 0 && b != pattern[0]) {
        put(b);
      } else {
        held[heldLength++] = b;
        settle();
      }
    }
    flush();
  }

  /** Passes on what is held, until it is the beginning of an occurrence again. */
  private void settle() {
    if (heldLength == pattern.length && Arrays.equals(held, pattern)) {
      for (byte b : content) {
        put(b);
      }
      heldLength = 0;
    }
    while (!Arrays.equals(held, 0, heldLength, pattern, 0, heldLength)) {
      put(held[0]);
      System.arraycopy(held, 1, held, 0, --heldLength);
    }
  }

  private void put(byte b) {
    if (count == output.length) {
      output = Arrays.copyOf(output, 2 * count);
    }
    output[count++] = b;
  }

  private void flush() throws IOException {
    next.write(output, 0, count);
    count = 0;
  }

  @Override
  public void finish() throws IOException {
    for (int i = 0; i < heldLength; i++) {
      put(held[i]);
    }
    heldLength = 0;
    flush();
    next.finish();
  }
}
