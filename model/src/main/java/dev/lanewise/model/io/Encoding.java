package dev.lanewise.model.io;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * How floats are written to a file: as they are, or rounded. Each rounding is to the nearest, ties
 * to even, but for {@link #Q8_0}, which is defined by the one program that reads it.
 */
public enum Encoding {
  /** Floats of 32 bits, as they are. */
  F32(1, Float.BYTES, 0, 0),
  /** Floats of 16 bits with 10 of fraction, up to 65504. */
  F16(1, Short.BYTES, 1, 1),
  /** The upper half of a float of 32 bits. */
  BF16(1, Short.BYTES, 30, 32),
  /**
   * Blocks of 32 bytes that are multiples of a 127th of the block's largest value, which is a float
   * of 16 bits (llama.cpp's type of this name).
   */
  Q8_0(32, Short.BYTES + 32, 8, 7);

  private static final float LARGEST_BYTE = 127;

  private final int blockSize;
  private final int blockBytes;
  private final int ggmlType;
  private final int ggmlFileType;

  Encoding(int blockSize, int blockBytes, int ggmlType, int ggmlFileType) {
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
    this.ggmlType = ggmlType;
    this.ggmlFileType = ggmlFileType;
  }

  /** Returns the name in lower case, as users write it. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns how many elements of a row are encoded together; rows are multiples of it. */
  public int blockSize() {
    return blockSize;
  }

  /** Returns the bytes of n elements, which are whole blocks. */
  public long bytes(long n) {
    return n / blockSize * blockBytes;
  }

  /** Returns what {@code general.file_type} of a GGUF file calls files of mostly this encoding. */
  public int ggmlFileType() {
    return ggmlFileType;
  }

  /** The number of the type of a tensor in a GGUF file. */
  int ggmlType() {
    return ggmlType;
  }

  /**
   * Encodes n elements, which are whole blocks, at the buffer's position.
   *
   * @return the first element of a block that the encoding cannot hold, or -1 if it holds all
   */
  int encode(float[] from, int offset, int n, ByteBuffer to) {
    if (this == F32) {
      to.asFloatBuffer().put(from, offset, n);
      to.position(to.position() + n * Float.BYTES);
      return -1;
    }
    for (int i = 0; i < n; i += blockSize) {
      int at = to.position();
      switch (this) {
        case F16 -> to.putShort(Float.floatToFloat16(from[offset + i]));
        case BF16 -> to.putShort(toBfloat16(from[offset + i]));
        default -> encodeBlock(from, offset + i, to);
      }
      if (!isFinite(to.getShort(at))) {
        return i;
      }
    }
    return -1;
  }

  private boolean isFinite(short half) {
    int exponent = this == BF16 ? 0x7f80 : 0x7c00;
    return (half & exponent) != exponent;
  }

  private static short toBfloat16(float value) {
    if (Float.isNaN(value)) {
      return 0x7fc0;
    }
    int bits = Float.floatToRawIntBits(value);
    int odd = (bits >>> Short.SIZE) & 1;
    return (short) ((bits + 0x7fff + odd) >>> Short.SIZE);
  }

  private static void encodeBlock(float[] from, int offset, ByteBuffer to) {
    float largest = 0;
    for (int i = 0; i < Q8_0.blockSize; i++) {
      largest = Math.max(largest, Math.abs(from[offset + i]));
    }
    // Bytes are multiples of the scale before it is rounded to 16 bits.
    float scale = largest / LARGEST_BYTE;
    float inverse = scale == 0 ? 0 : 1 / scale;
    to.putShort(Float.floatToFloat16(scale));
    for (int i = 0; i < Q8_0.blockSize; i++) {
      to.put((byte) roundHalfAway(from[offset + i] * inverse));
    }
  }

  /** As C's roundf: adding a half to the float itself could round up what is just below it. */
  private static int roundHalfAway(float value) {
    int whole = (int) (Math.abs(value) + 0.5);
    return value < 0 ? -whole : whole;
  }
}
