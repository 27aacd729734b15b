package dev.lanewise.model.io;

import dev.lanewise.kernels.Precision;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The element types that a safetensors file may hold. All are recognised; the floating-point ones
 * of 16, 32 and 64 bits are loaded.
 */
enum Dtype {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  F64(64),
  I64(64),
  U64(64),
  C64(64);

  private static final Map<String, Dtype> BY_NAME =
      Arrays.stream(values()).collect(Collectors.toMap(Dtype::name, Function.identity()));

  private final int bits;

  Dtype(int bits) {
    this.bits = bits;
  }

  int bits() {
    return bits;
  }

  /** Whether elements of this type can be read as floats. */
  boolean isReadable() {
    return this == F32 || this == F16 || this == BF16 || this == F64;
  }

  /** The least precision that has all elements of this type as floats. */
  Precision precision() {
    return switch (this) {
      case F16 -> Precision.F16;
      case BF16 -> Precision.BF16;
      default -> Precision.F32;
    };
  }

  /** Reads n elements from a buffer in the format's byte order. */
  void read(ByteBuffer from, float[] into, int offset, int n) {
    switch (this) {
      case F32 -> from.asFloatBuffer().get(into, offset, n);
      case F16 -> {
        ShortBuffer halves = from.asShortBuffer();
        for (int i = 0; i < n; i++) {
          into[offset + i] = Float.float16ToFloat(halves.get(i));
        }
      }
      case BF16 -> {
        ShortBuffer halves = from.asShortBuffer();
        for (int i = 0; i < n; i++) {
          into[offset + i] = Float.intBitsToFloat(halves.get(i) << Short.SIZE);
        }
      }
      case F64 -> {
        DoubleBuffer doubles = from.asDoubleBuffer();
        for (int i = 0; i < n; i++) {
          into[offset + i] = (float) doubles.get(i);
        }
      }
      default -> throw new IllegalStateException(this + " is not read");
    }
  }

  /** The type of that name, or null. */
  static Dtype of(String name) {
    return BY_NAME.get(name);
  }
}
