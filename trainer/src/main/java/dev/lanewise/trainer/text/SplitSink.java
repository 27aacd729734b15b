package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import java.io.IOException;

/** Passes the first bytes of a text to one encoder and the rest to another; no character is cut. */
final class SplitSink implements TextSink {

  private final TokenEncoder training;
  private final TokenEncoder validation;
  private long trainingLeft;
  private boolean pastBorder;

  SplitSink(TokenEncoder training, TokenEncoder validation, long trainingBytes) {
    this.training = training;
    this.validation = validation;
    this.trainingLeft = trainingBytes;
  }

  @Override
  public void accept(byte[] utf8, int offset, int length) throws IOException {
    int before = pastBorder ? 0 : (int) Math.min(length, trainingLeft);
    trainingLeft -= before;
    if (!pastBorder && trainingLeft == 0) {
      // What continues a character stays with its beginning.
      while (before < length && isContinuation(utf8[offset + before])) {
        before++;
      }
      pastBorder = before < length;
    }
    training.write(utf8, offset, before);
    validation.write(utf8, offset + before, length - before);
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xC0) == 0x80;
  }

  /** Ends both texts. */
  void finish() throws IOException {
    training.finish();
    validation.finish();
  }
}
