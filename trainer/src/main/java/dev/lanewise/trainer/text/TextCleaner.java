package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Checks that one file is UTF-8 and cleans it as {@link TextSource} says, in one pass over chunks
 * of any size.
 */
final class TextCleaner {

  private static final int BYTE_ORDER_MARK = 0xFEFF;
  private static final int MAX_CHARACTER_BYTES = 4;

  private final String file;
  private final TextSink sink;
  private final byte[] output = new byte[1 << 16];
  private int outputEnd;

  /** Bytes of the file before the present chunk. */
  private long chunkStart;

  /** A carriage return was the last character, and a line feed now belongs to it. */
  private boolean afterReturn;

  /** The bytes so far of a character of more than one byte. */
  private final byte[] character = new byte[MAX_CHARACTER_BYTES];

  private int characterBytes;
  private int characterLength;
  private long characterStart;

  TextCleaner(String file, TextSink sink) {
    this.file = file;
    this.sink = sink;
  }

  /** Cleans a whole file into a sink, as one document. */
  static void copyDocument(String name, InputStream in, DocumentSink sink) throws IOException {
    sink.begin(name);
    TextCleaner cleaner = new TextCleaner(name, sink);
    byte[] buffer = new byte[1 << 16];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      cleaner.write(buffer, 0, read);
    }
    cleaner.finish();
    sink.end();
  }

  /** A text in memory, cleaned; lone surrogates become U+FFFD. */
  static byte[] clean(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TextCleaner cleaner = new TextCleaner("text in memory", out::write);
    byte[] utf8 = Utf8.bytes(text);
    try {
      cleaner.write(utf8, 0, utf8.length);
      cleaner.finish();
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail, and this is valid UTF-8", e);
    }
    return out.toByteArray();
  }

  /** The next bytes of the file. */
  void write(byte[] bytes, int offset, int length) throws IOException {
    int end = offset + length;
    int at = offset;
    while (at < end) {
      int plainEnd = characterBytes > 0 ? at : plainEnd(bytes, at, end);
      if (plainEnd > at) {
        append(bytes, at, plainEnd - at);
        afterReturn = false;
        at = plainEnd;
      } else {
        special(bytes[at], chunkStart + at - offset);
        at++;
      }
    }
    chunkStart += length;
  }

  /** Ends the file and passes on what is left. */
  void finish() throws IOException {
    if (characterBytes > 0) {
      throw malformed("the file ends inside a character", characterStart);
    }
    flush();
  }

  /**
   * The end of the run of printable ASCII, tabs and line feeds; a line feed that belongs to a
   * return is not part of it.
   */
  private int plainEnd(byte[] bytes, int from, int end) {
    int at = from;
    if (at < end && bytes[at] == '\n' && afterReturn) {
      return at;
    }
    while (at < end) {
      byte b = bytes[at];
      if (b < ' ' ? b != '\n' && b != '\t' : b == 0x7F) {
        break;
      }
      at++;
    }
    return at;
  }

  private void special(byte b, long position) throws IOException {
    if (characterBytes > 0) {
      continued(b);
    } else if (b < 0) {
      begin(b, position);
    } else if (b == '\r') {
      append(new byte[] {'\n'}, 0, 1);
      afterReturn = true;
    } else {
      // A line feed that belongs to a return, or a control character.
      afterReturn = false;
    }
  }

  private void begin(byte b, long position) throws IOException {
    int lead = b & 0xFF;
    if (lead < 0xC2 || lead > 0xF4) {
      throw malformed("0x%02X begins no character".formatted(lead), position);
    }
    characterStart = position;
    characterLength = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    character[0] = b;
    characterBytes = 1;
  }

  private void continued(byte b) throws IOException {
    if (!mayFollow(b & 0xFF)) {
      throw malformed(
          "0x%02X begins a character of %d bytes, but 0x%02X cannot be among them"
              .formatted(character[0] & 0xFF, characterLength, b & 0xFF),
          characterStart);
    }
    character[characterBytes++] = b;
    if (characterBytes < characterLength) {
      return;
    }
    characterBytes = 0;
    afterReturn = false;
    int codePoint = codePoint();
    boolean control = codePoint >= 0x80 && codePoint < 0xA0;
    if (!control && !(codePoint == BYTE_ORDER_MARK && characterStart == 0)) {
      append(character, 0, characterLength);
    }
  }

  /**
   * Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing beyond U+10FFFF.
   */
  private boolean mayFollow(int b) {
    int low = 0x80;
    int high = 0xBF;
    if (characterBytes == 1) {
      switch (character[0] & 0xFF) {
        case 0xE0 -> low = 0xA0;
        case 0xED -> high = 0x9F;
        case 0xF0 -> low = 0x90;
        case 0xF4 -> high = 0x8F;
        default -> {}
      }
    }
    return b >= low && b <= high;
  }

  private int codePoint() {
    int codePoint = character[0] & 0x7F >> characterLength;
    for (int i = 1; i < characterLength; i++) {
      codePoint = codePoint << 6 | (character[i] & 0x3F);
    }
    return codePoint;
  }

  private InvalidTextException malformed(String problem, long position) {
    return new InvalidTextException(
        file,
        "not valid UTF-8 at byte %d: %s; convert the file to UTF-8 or leave it out"
            .formatted(position, problem));
  }

  private void append(byte[] bytes, int offset, int length) throws IOException {
    if (length >= output.length) {
      flush();
      sink.accept(bytes, offset, length);
      return;
    }
    if (outputEnd + length > output.length) {
      flush();
    }
    System.arraycopy(bytes, offset, output, outputEnd, length);
    outputEnd += length;
  }

  private void flush() throws IOException {
    if (outputEnd > 0) {
      sink.accept(output, 0, outputEnd);
      outputEnd = 0;
    }
  }
}
