package dev.lanewise.trainer.text.template;

import java.util.AbstractList;

/** Python's range, no longer than the sandbox allows. */
final class Range extends AbstractList<Object> {
  private static final int LONGEST = 100_000;

  final long start;
  final long stop;
  final long step;
  private final int size;

  Range(long start, long stop, long step) {
    if (step == 0) {
      throw new TemplateException("range() with a step of 0");
    }
    this.start = start;
    this.stop = stop;
    this.step = step;
    double length = Math.ceil(((double) stop - start) / step);
    if (length > LONGEST) {
      throw new TemplateException("a range of more than " + LONGEST + " numbers");
    }
    this.size = (int) Math.max(0, length);
  }

  @Override
  public Object get(int index) {
    return start + index * step;
  }

  @Override
  public int size() {
    return size;
  }
}
