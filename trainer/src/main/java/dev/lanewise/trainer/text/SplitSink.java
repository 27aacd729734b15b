package dev.lanewise.trainer.text;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/**
 * Passes the beginning of each document to one sink and the rest to another; no character is cut:
 * one on the border belongs to the beginning.
 */
final class SplitSink implements DocumentSink {

  private final DocumentSink training;
  private final DocumentSink validation;
  private final Iterator<Long> trainingBytes;
  private String name;
  private boolean begun;
  private long trainingLeft;
  private boolean pastBorder;

  /** Takes of each document that is not empty so many bytes for training. */
  SplitSink(DocumentSink training, DocumentSink validation, List<Long> trainingBytes) {
    this.training = training;
    this.validation = validation;
    this.trainingBytes = trainingBytes.iterator();
  }

  @Override
  public void begin(String document) {
    name = document;
    begun = false;
  }

  @Override
  public void accept(byte[] utf8, int offset, int length) throws IOException {
    if (length == 0) {
      return;
    }
    if (!begun) {
      begun = true;
      // A text that has changed may have more documents; it is refused at its end.
      trainingLeft = trainingBytes.hasNext() ? trainingBytes.next() : Long.MAX_VALUE;
      pastBorder = trainingLeft == 0;
      training.begin(name);
      validation.begin(name);
    }
    int before = pastBorder ? 0 : (int) Math.min(length, trainingLeft);
    trainingLeft -= before;
    if (!pastBorder && trainingLeft == 0) {
      // What continues a character stays with its beginning.
      while (before < length && isContinuation(utf8[offset + before])) {
        before++;
      }
      pastBorder = before < length;
    }
    training.accept(utf8, offset, before);
    validation.accept(utf8, offset + before, length - before);
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xC0) == 0x80;
  }

  @Override
  public void end() throws IOException {
    if (begun) {
      training.end();
      validation.end();
    }
  }
}
