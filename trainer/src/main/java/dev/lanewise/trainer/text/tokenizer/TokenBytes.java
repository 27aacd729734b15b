package dev.lanewise.trainer.text.tokenizer;

import java.util.Arrays;

/** The bytes of every token, end to end in one array. */
public final class TokenBytes {

  private final byte[] bytes;

  /** Token i is bytes[starts[i]..starts[i+1]). */
  private final int[] starts;

  private TokenBytes(byte[] bytes, int[] starts) {
    this.bytes = bytes;
    this.starts = starts;
  }

  public int count() {
    return starts.length - 1;
  }

  public byte[] of(int id) {
    checkId(id, 0);
    return Arrays.copyOfRange(bytes, starts[id], starts[id + 1]);
  }

  public byte[] join(int[] ids, int from, int to) {
    long total = 0;
    for (int i = from; i < to; i++) {
      checkId(ids[i], i);
      total += starts[ids[i] + 1] - starts[ids[i]];
    }
    byte[] joined = new byte[Math.toIntExact(total)];
    int at = 0;
    for (int i = from; i < to; i++) {
      int length = starts[ids[i] + 1] - starts[ids[i]];
      System.arraycopy(bytes, starts[ids[i]], joined, at, length);
      at += length;
    }
    return joined;
  }

  private void checkId(int id, int position) {
    if (id < 0 || id >= count()) {
      throw new IllegalArgumentException(
          "token id %d (at position %d) is outside the vocabulary, 0 to %d"
              .formatted(id, position, count() - 1));
    }
  }

  /** Collects tokens in the order of their ids. */
  public static final class Builder {

    /** The most bytes a token may have; GPT-2's longest has 128. */
    public static final int MAX_TOKEN_BYTES = 1 << 10;

    private static final int MAX_TOTAL_BYTES = 1 << 28;

    private final int[] starts;
    private byte[] bytes;
    private int count;

    public Builder(int capacity) {
      starts = new int[capacity + 1];
      bytes = new byte[8 * capacity];
    }

    public int count() {
      return count;
    }

    public int length(int id) {
      return starts[id + 1] - starts[id];
    }

    public void add(byte... token) {
      reserve(token.length);
      System.arraycopy(token, 0, bytes, starts[count], token.length);
      finish(token.length);
    }

    /** For an id that no token has. */
    public void addNone() {
      finish(0);
    }

    /**
     * Checks the length of a token.
     *
     * @throws IllegalArgumentException if it is not possible
     */
    public static void requireLength(int id, int length) {
      if (length == 0 || length > MAX_TOKEN_BYTES) {
        throw new IllegalArgumentException(
            "token %d has %d bytes; 1 to %d are possible".formatted(id, length, MAX_TOKEN_BYTES));
      }
    }

    private void reserve(int length) {
      requireLength(count, length);
      int end = starts[count] + length;
      if (end > MAX_TOTAL_BYTES) {
        throw new IllegalArgumentException(
            "the tokens up to %d have more than %d bytes together"
                .formatted(count, MAX_TOTAL_BYTES));
      }
      if (end > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length + bytes.length / 2));
      }
    }

    private void finish(int length) {
      starts[count + 1] = starts[count] + length;
      count++;
    }

    public TokenBytes build() {
      return new TokenBytes(Arrays.copyOf(bytes, starts[count]), Arrays.copyOf(starts, count + 1));
    }
  }
}
