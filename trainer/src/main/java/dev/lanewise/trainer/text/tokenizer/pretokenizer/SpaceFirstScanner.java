package dev.lanewise.trainer.text.tokenizer.pretokenizer;

/** Puts a space before a text that does not begin with one, so that its first word is as others. */
final class SpaceFirstScanner implements PieceScanner {

  private static final byte[] SPACE = {' '};

  private final PieceScanner next;
  private boolean atStart = true;

  SpaceFirstScanner(PieceScanner next) {
    this.next = next;
  }

  @Override
  public int feed(byte[] utf8, int offset, int length) {
    if (atStart && length > 0) {
      atStart = false;
      if (utf8[offset] != ' ') {
        next.feed(SPACE, 0, 1);
      }
    }
    return next.feed(utf8, offset, length);
  }

  @Override
  public void readWhole(byte[] text, int from, int to) {
    if (from == to || text[from] == ' ') {
      next.readWhole(text, from, to);
      return;
    }
    byte[] longer = new byte[1 + to - from];
    longer[0] = ' ';
    System.arraycopy(text, from, longer, 1, to - from);
    next.readWhole(longer, 0, longer.length);
  }

  @Override
  public void end() {
    next.end();
  }

  @Override
  public void restart() {
    atStart = true;
    next.restart();
  }

  @Override
  public boolean next() {
    return next.next();
  }

  @Override
  public byte[] bytes() {
    return next.bytes();
  }

  @Override
  public int start() {
    return next.start();
  }

  @Override
  public int stop() {
    return next.stop();
  }
}
