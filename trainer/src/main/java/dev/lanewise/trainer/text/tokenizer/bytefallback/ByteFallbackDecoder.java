package dev.lanewise.trainer.text.tokenizer.bytefallback;

import dev.lanewise.trainer.text.tokenizer.StreamingDecoder;
import dev.lanewise.trainer.text.tokenizer.Utf8;
import dev.lanewise.trainer.text.tokenizer.Vocabulary;
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
  private final DecoderRules rules;
  private final boolean beginsText;
  private final ByteArrayOutputStream run = new ByteArrayOutputStream();
  private boolean isFirst;
  private int spacesToStrip;

  /**
   * Makes a decoder.
   *
   * @param beginsText whether the first id begins a text, which may lose a space there
   */
  ByteFallbackDecoder(ByteFallbackTokenizer tokenizer, DecoderRules rules, boolean beginsText) {
    this.tokenizer = tokenizer;
    this.rules = rules;
    this.beginsText = beginsText;
    restart();
  }

  private void restart() {
    isFirst = beginsText;
    spacesToStrip = beginsText ? rules.strippedSpaces() : 0;
  }

  @Override
  public String accept(int id) {
    byte[] bytes = tokenizer.tokenBytes(id);
    if (tokenizer.name(id).equals(Vocabulary.NONE)) {
      return "";
    }
    if (tokenizer.isByte(id)) {
      run.writeBytes(bytes);
      return "";
    }
    String before = endRun();
    String text = isFirst ? rules.firstText(tokenizer.name(id)) : Utf8.text(bytes, 0, bytes.length);
    isFirst = false;
    return stripped(before + text);
  }

  @Override
  public String finish() {
    String rest = stripped(endRun());
    restart();
    return rest;
  }

  private String endRun() {
    if (run.size() == 0) {
      return "";
    }
    byte[] bytes = run.toByteArray();
    run.reset();
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      text = Character.toString(Utf8.REPLACEMENT).repeat(bytes.length);
    }
    if (rules.marksLast()) {
      text = isFirst ? rules.firstText(text) : rules.text(text);
    }
    isFirst = false;
    return text;
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
