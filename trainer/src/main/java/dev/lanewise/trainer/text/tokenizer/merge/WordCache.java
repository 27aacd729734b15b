package dev.lanewise.trainer.text.tokenizer.merge;

/**
 * Remembers the ids of short pieces of text. Memory is bounded: a full cache is emptied, and an
 * entry is sought in a few slots only. Everything lies in flat arrays, so that a hit touches three
 * cache lines and allocates nothing.
 */
public final class WordCache {

  /** Longer pieces are rare; remembering them would push out others. */
  public static final int MAX_WORD_BYTES = 32;

  private static final int INITIAL_SLOTS = 1 << 9;
  private static final int MAX_SLOTS = 1 << 17;
  private static final int PROBES = 8;

  /**
   * A slot: the hash, the key's place, the ids' place, length and count; no count means an empty
   * slot.
   */
  private static final int SLOT_INTS = 4;

  private int[] slots;
  private int mask;
  private byte[] keys;
  private int keysEnd;
  private int[] ids;
  private int idsEnd;
  private int entries;

  public WordCache() {
    allocate(INITIAL_SLOTS);
  }

  private void allocate(int count) {
    slots = new int[count * SLOT_INTS];
    mask = count - 1;
    keys = new byte[count * 6];
    ids = new int[count * 2];
    keysEnd = 0;
    idsEnd = 0;
    entries = 0;
  }

  public static int hash(byte[] bytes, int from, int to) {
    int h = 1;
    for (int i = from; i < to; i++) {
      h = h * 31 + bytes[i];
    }
    h *= 0x9E3779B1;
    return h ^ h >>> 15;
  }

  /** The place of the entry in the table, or -1. */
  public int find(byte[] bytes, int from, int to, int hash) {
    int length = to - from;
    for (int probe = 0; probe < PROBES; probe++) {
      int slot = (hash + probe & mask) * SLOT_INTS;
      int lengthAndCount = slots[slot + 3];
      if (lengthAndCount == 0) {
        return -1;
      }
      if (slots[slot] == hash
          && lengthAndCount >>> 16 == length
          && equal(bytes, from, slots[slot + 1], length)) {
        return slot;
      }
    }
    return -1;
  }

  private boolean equal(byte[] bytes, int from, int key, int length) {
    for (int i = 0; i < length; i++) {
      if (bytes[from + i] != keys[key + i]) {
        return false;
      }
    }
    return true;
  }

  public int count(int entry) {
    return slots[entry + 3] & 0xFFFF;
  }

  /** Index into {@link #ids} of the entry's first id. */
  public int idsStart(int entry) {
    return slots[entry + 2];
  }

  public int[] ids() {
    return ids;
  }

  /**
   * Remembers wordIds[0..count) for a piece that is not there yet and no longer than {@link
   * #MAX_WORD_BYTES}.
   */
  public void add(byte[] bytes, int from, int to, int hash, int[] wordIds, int count) {
    int length = to - from;
    if (entries * 2 > mask || keysEnd + length > keys.length || idsEnd + count > ids.length) {
      allocate(Math.min(MAX_SLOTS, (mask + 1) * 4));
    }
    int slot = (hash & mask) * SLOT_INTS;
    for (int probe = 0; probe < PROBES; probe++) {
      int candidate = (hash + probe & mask) * SLOT_INTS;
      if (slots[candidate + 3] == 0) {
        slot = candidate;
        break;
      }
    }
    System.arraycopy(bytes, from, keys, keysEnd, length);
    System.arraycopy(wordIds, 0, ids, idsEnd, count);
    slots[slot] = hash;
    slots[slot + 1] = keysEnd;
    slots[slot + 2] = idsEnd;
    slots[slot + 3] = length << 16 | count;
    keysEnd += length;
    idsEnd += count;
    entries++;
  }
}
