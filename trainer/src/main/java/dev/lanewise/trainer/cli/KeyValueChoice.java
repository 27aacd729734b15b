package dev.lanewise.trainer.cli;

import dev.lanewise.kernels.Precision;
import java.util.Locale;

/** In which precision generation keeps keys and values. Each gives a text of its own. */
enum KeyValueChoice {
  F32,
  BF16;

  static final String OPTION = "--kv-cache";

  static final String DESCRIPTION =
      "in which precision the keys and values of the text are kept: f32, or bf16, which rounds them"
          + " and takes half the memory, and less time in a long text (default: f32)";

  Precision precision() {
    return this == F32 ? Precision.F32 : Precision.BF16;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
