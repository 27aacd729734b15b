package dev.lanewise.trainer.text.tokenizer;

import java.util.Arrays;

/**
 * GPT-2's order of the 256 bytes and the visible character that stands for each in vocabulary
 * files: first the bytes that are printable in Latin-1, which stand for themselves, then the other
 * 68, shown as U+0100 and up. A byte's id is its place in this order.
 */
public final class ByteAlphabet {

  /** How many bytes there are. */
  public static final int SIZE = 256;

  private static final int[] BYTE_OF_ID = new int[SIZE];
  private static final int[] ID_OF_BYTE = new int[SIZE];
  private static final char[] CHARACTER_OF_ID = new char[SIZE];

  /** By character; the last one shown is U+0143. */
  private static final short[] BYTE_OF_CHARACTER = new short[0x144];

  private static final short NO_BYTE = -1;

  static {
    Arrays.fill(BYTE_OF_CHARACTER, NO_BYTE);
    int id = 0;
    for (int b = 0; b < SIZE; b++) {
      if (isPrintable(b)) {
        place(id++, b, (char) b);
      }
    }
    char shown = 0x100;
    for (int b = 0; b < SIZE; b++) {
      if (!isPrintable(b)) {
        place(id++, b, shown++);
      }
    }
  }

  private ByteAlphabet() {}

  private static boolean isPrintable(int b) {
    return (b > ' ' && b < 0x7F) || (b > 0xA0 && b != 0xAD);
  }

  private static void place(int id, int b, char shown) {
    BYTE_OF_ID[id] = b;
    ID_OF_BYTE[b] = id;
    CHARACTER_OF_ID[id] = shown;
    BYTE_OF_CHARACTER[shown] = (short) b;
  }

  /** A byte's id, from 0 to 255. */
  public static int idOf(byte b) {
    return ID_OF_BYTE[b & 0xFF];
  }

  /** The byte that has an id from 0 to 255. */
  public static byte byteOf(int id) {
    return (byte) BYTE_OF_ID[id];
  }

  /** How vocabulary files show the bytes. */
  public static String show(byte... bytes) {
    return show(bytes, 0, bytes.length);
  }

  /** The same of bytes[from..to). */
  public static String show(byte[] bytes, int from, int to) {
    char[] shown = new char[to - from];
    for (int i = 0; i < shown.length; i++) {
      shown[i] = CHARACTER_OF_ID[idOf(bytes[from + i])];
    }
    return new String(shown);
  }

  /** The bytes that a token of a vocabulary file shows; its UTF-8 where it shows none. */
  public static byte[] hide(String shown) {
    byte[] bytes = new byte[shown.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = shown.charAt(i);
      if (c >= BYTE_OF_CHARACTER.length || BYTE_OF_CHARACTER[c] == NO_BYTE) {
        return Utf8.bytes(shown);
      }
      bytes[i] = (byte) BYTE_OF_CHARACTER[c];
    }
    return bytes;
  }
}
