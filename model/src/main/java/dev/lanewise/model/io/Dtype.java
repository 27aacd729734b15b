package dev.lanewise.model.io;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The element types that a safetensors file may hold. All are recognised; only F32 is loaded. */
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

  /** The type of that name, or null. */
  static Dtype of(String name) {
    return BY_NAME.get(name);
  }
}
