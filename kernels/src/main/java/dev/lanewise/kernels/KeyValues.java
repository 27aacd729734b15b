package dev.lanewise.kernels;

/**
 * Keys and values of the positions of one text, of all key/value heads of an attention, in the form
 * in which {@link Attention#extend} reads them fastest: panels, so that a product goes through them
 * from beginning to end. Made by {@link Attention#keyValues}; only implementations of {@link
 * Attention} depend on how the numbers lie.
 *
 * <p>Keys of a head are panels of {@link #panelWidth} positions, each a row for each of D elements.
 * Values of a head are panels of as many elements, each a row for each position.
 */
public final class KeyValues {

  /** Positions are rounded up to this: whole panels and whole lane sums, of any vector width. */
  private static final int UNIT = Lanes.COUNT;

  private final Heads heads;
  private final int positions;
  private final int panelWidth;
  private final float[] keys;
  private final float[] values;

  /**
   * Makes room.
   *
   * @param positions at least
   */
  public KeyValues(Heads heads, int positions, int panelWidth) {
    this.heads = heads;
    this.positions = roundUp(positions);
    this.panelWidth = panelWidth;
    int head = Math.multiplyExact(this.positions, heads.size());
    this.keys = allocate(heads, head);
    this.values = allocate(heads, Math.multiplyExact(this.positions, paddedSize()));
  }

  private static float[] allocate(Heads heads, int head) {
    return new float[Math.toIntExact(CacheLine.start(0) + (long) heads.keyValues() * head)];
  }

  private static int roundUp(int positions) {
    return Math.toIntExact(Math.ceilDiv(positions, (long) UNIT) * UNIT);
  }

  private int paddedSize() {
    return Math.ceilDiv(heads.size(), panelWidth) * panelWidth;
  }

  /** Returns the floats of that many positions, without what pads a panel. */
  public static long floats(Heads heads, int positions) {
    return 2L * heads.keyValueWidth() * roundUp(positions);
  }

  /** Returns how many positions there is room for. */
  public int positions() {
    return positions;
  }

  /** Returns the columns of a panel. */
  public int panelWidth() {
    return panelWidth;
  }

  /** Returns the array of the keys. */
  public float[] keys() {
    return keys;
  }

  /** Returns the array of the values. */
  public float[] values() {
    return values;
  }

  /** Returns where the keys of a head begin. */
  public int keyOffset(int head) {
    return (int) CacheLine.start(0) + head * positions * heads.size();
  }

  /** Returns where the values of a head begin. */
  public int valueOffset(int head) {
    return (int) CacheLine.start(0) + head * positions * paddedSize();
  }

  /** Returns the floats from a panel of values to the next. */
  public int valuePanel() {
    return positions * panelWidth;
  }

  /** Returns where element 0 of a key is; the others follow {@link #panelWidth} floats apart. */
  public int key(int head, int position) {
    int panel = position / panelWidth * panelWidth;
    return keyOffset(head) + panel * heads.size() + position - panel;
  }

  /** Returns where an element of a value is. */
  public int value(int head, int position, int element) {
    int panel = element / panelWidth;
    return valueOffset(head)
        + panel * valuePanel()
        + position * panelWidth
        + element
        - panel * panelWidth;
  }

  /** Takes over the first positions of another of the same heads. */
  public void copy(KeyValues from, int positions) {
    int keyFloats = Math.ceilDiv(positions, panelWidth) * panelWidth * heads.size();
    int valueFloats = positions * panelWidth;
    for (int head = 0; head < heads.keyValues(); head++) {
      System.arraycopy(from.keys, from.keyOffset(head), keys, keyOffset(head), keyFloats);
      for (int d = 0; d < heads.size(); d += panelWidth) {
        System.arraycopy(
            from.values, from.value(head, 0, d), values, value(head, 0, d), valueFloats);
      }
    }
  }
}
