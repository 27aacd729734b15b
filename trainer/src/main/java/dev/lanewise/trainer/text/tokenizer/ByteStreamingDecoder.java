package dev.lanewise.trainer.text.tokenizer;

import java.util.Arrays;

/** Decodes tokens that are bytes: those of a character that is not yet complete are held back. */
final class ByteStreamingDecoder implements StreamingDecoder {

  private final Tokenizer tokenizer;
  private byte[] held = new byte[0];

  ByteStreamingDecoder(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  @Override
  public String accept(int id) {
    return decode(tokenizer.tokenBytes(id), false);
  }

  @Override
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
