package dev.lanewise.trainer.text.tokenizer.bytepair;

import dev.lanewise.trainer.text.tokenizer.Utf8;

/**
 * GPT-2's order of the 256 bytes and the visible character that stands for each in vocabulary
 * files: first the bytes that are printable in Latin-1, which stand for themselves, then the other
 * 68, shown as U+0100 and up. A byte's id is its place in this order.
 */
final class ByteAlphabet {

  static final int SIZE = 256;

  private static final int[] BYTE_OF_ID = new int[SIZE];
  private static final int[] ID_OF_BYTE = new int[SIZE];
  private static final char[] CHARACTER_OF_ID = new char[SIZE];

  static {
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
  }

  static int idOf(byte b) {
    return ID_OF_BYTE[b & 0xFF];
  }

  static byte byteOf(int id) {
    return (byte) BYTE_OF_ID[id];
  }

  /** How vocabulary files show the bytes. */
  static String show(byte[] bytes) {
    char[] shown = new char[bytes.length];
    for (int i = 0; i < shown.length; i++) {
      shown[i] = CHARACTER_OF_ID[idOf(bytes[i])];
    }
    return new String(shown);
  }

  /** The bytes that a token of a vocabulary file shows; its UTF-8 where it shows none. */
  static byte[] hide(String shown) {
    byte[] bytes = new byte[shown.length()];
    for (int i = 0; i < bytes.length; i++) {
      int id = 0;
      while (id < SIZE && CHARACTER_OF_ID[id] != shown.charAt(i)) {
        id++;
      }
      if (id == SIZE) {
        return Utf8.bytes(shown);
      }
      bytes[i] = byteOf(id);
    }
    return bytes;
  }
}
