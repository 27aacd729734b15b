package dev.lanewise.trainer.text.tokenizer.normalizer;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.io.IOException;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Arrays;

/**
 * Brings text that arrives in chunks into Unicode's normal form C. What is before a character that
 * joins nothing before it is normalized alone. A run of characters that join, which no writing
 * needs beyond some dozen, is cut after {@value #MAX_RUN_BYTES} bytes.
 */
final class NfcEncoder implements TokenEncoder {

  private static final int MAX_RUN_BYTES = 1 << 16;

  /** First byte of U+0300, before which all text is in the normal form. */
  private static final int FIRST_TO_CHANGE = 0xCC;

  private final TokenEncoder next;
  private byte[] buffer = new byte[1 << 10];
  private int limit;

  /** Up to here the buffer was looked at. */
  private int scanned;

  /** The last character that joins nothing before it. */
  private int boundary;

  NfcEncoder(TokenEncoder next) {
    this.next = next;
  }

  @Override
  public void write(byte[] utf8, int offset, int length) throws IOException {
    if (buffer.length - limit < length) {
      buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, limit + length));
    }
    System.arraycopy(utf8, offset, buffer, limit, length);
    limit += length;
    scan();
    pass(boundary);
  }

  private void scan() throws IOException {
    while (scanned < limit) {
      if (buffer[scanned] >= 0) {
        boundary = scanned++;
        continue;
      }
      int character = Utf8.decode(buffer, scanned, limit);
      if (character == Utf8.INCOMPLETE) {
        return;
      }
      if (joinsNothingBefore(Utf8.codePoint(character))) {
        boundary = scanned;
      } else if (scanned - boundary >= MAX_RUN_BYTES) {
        pass(scanned);
      }
      scanned += Utf8.length(character);
    }
  }

  /** Marks join what is before them, and so do some vowels and finals that are called letters. */
  static boolean joinsNothingBefore(int codePoint) {
    if (codePoint < 0x300) {
      return true;
    }
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          false;
      default ->
          !(codePoint >= 0x1160 && codePoint <= 0x11FF)
              && !(codePoint >= 0x16D40 && codePoint <= 0x16D7F);
    };
  }

  /** Normalizes and passes on what is before {@code end}. */
  private void pass(int end) throws IOException {
    if (end == 0) {
      return;
    }
    passNormalized(end);
    System.arraycopy(buffer, end, buffer, 0, limit - end);
    limit -= end;
    scanned = Math.max(0, scanned - end);
    boundary = Math.max(0, boundary - end);
  }

  private void passNormalized(int end) throws IOException {
    if (mayChange(end)) {
      String text = Utf8.text(buffer, 0, end);
      if (!Normalizer.isNormalized(text, Form.NFC)) {
        byte[] normal = Utf8.bytes(Normalizer.normalize(text, Form.NFC));
        next.write(normal, 0, normal.length);
        return;
      }
    }
    next.write(buffer, 0, end);
  }

  private boolean mayChange(int end) {
    for (int i = 0; i < end; i++) {
      if ((buffer[i] & 0xFF) >= FIRST_TO_CHANGE) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void finish() throws IOException {
    pass(limit);
    next.finish();
  }
}
