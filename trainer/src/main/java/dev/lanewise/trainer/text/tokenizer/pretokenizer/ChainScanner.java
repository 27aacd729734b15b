package dev.lanewise.trainer.text.tokenizer.pretokenizer;

/** Cuts each piece of one scanner with another, as a text of its own. */
final class ChainScanner implements PieceScanner {

  private final PieceScanner outer;
  private final PieceScanner inner;
  private boolean inside;

  ChainScanner(PieceScanner outer, PieceScanner inner) {
    this.outer = outer;
    this.inner = inner;
  }

  @Override
  public int feed(byte[] utf8, int offset, int length) {
    return outer.feed(utf8, offset, length);
  }

  @Override
  public void readWhole(byte[] text, int from, int to) {
    inside = false;
    outer.readWhole(text, from, to);
  }

  @Override
  public void end() {
    outer.end();
  }

  @Override
  public void restart() {
    inside = false;
    outer.restart();
  }

  @Override
  public boolean next() {
    while (!inside || !inner.next()) {
      inside = outer.next();
      if (!inside) {
        return false;
      }
      inner.readWhole(outer.bytes(), outer.start(), outer.stop());
    }
    return true;
  }

  @Override
  public byte[] bytes() {
    return inner.bytes();
  }

  @Override
  public int start() {
    return inner.start();
  }

  @Override
  public int stop() {
    return inner.stop();
  }
}
