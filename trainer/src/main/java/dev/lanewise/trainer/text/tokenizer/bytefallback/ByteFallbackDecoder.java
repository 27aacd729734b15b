package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.trainer.text.tokenizer.StreamingDecoder;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Decodes ids as Hugging Face does: a run of bytes is a text, or, if any of it is not UTF-8, a
 * U+FFFD for each byte. So a run is held back until it ends.
 */
final class ByteFallbackDecoder implements StreamingDecoder {

  private final ByteFallbackTokenizer tokenizer;
  private final int strippedSpaces;
  private final ByteArrayOutputStream run = new ByteArrayOutputStream();
  private int spacesToStrip;

  /**
   * Makes a decoder.
   *
   * @param strippedSpaces how many spaces are taken off the front of the text
   */
  ByteFallbackDecoder(ByteFallbackTokenizer tokenizer, int strippedSpaces) {
    this.tokenizer = tokenizer;
    this.strippedSpaces = strippedSpaces;
    this.spacesToStrip = strippedSpaces;
  }

  @Override
  public String accept(int id) {
    byte[] bytes = tokenizer.tokenBytes(id);
    if (tokenizer.isByte(id)) {
      run.writeBytes(bytes);
      return "";
    }
    return stripped(endRun() + Utf8.text(bytes, 0, bytes.length));
  }

  @Override
  public String finish() {
    String rest = stripped(endRun());
    spacesToStrip = strippedSpaces;
    return rest;
  }

  private String endRun() {
    byte[] bytes = run.toByteArray();
    run.reset();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return Character.toString(Utf8.REPLACEMENT).repeat(bytes.length);
    }
  }

  private String stripped(String text) {
    int from = 0;
    while (spacesToStrip > 0 && from < text.length()) {
      if (text.charAt(from) == ' ') {
        from++;
        spacesToStrip--;
      } else {
        spacesToStrip = 0;
      }
    }
    return text.substring(from);
  }
}
