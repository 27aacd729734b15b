package dev.lanewise.trainer.run;

import dev.lanewise.kernels.Precision;
import java.util.Locale;

/** In which precision a model's matrices are held that is not trained. Each has bits of its own. */
public enum WeightPrecision {
  /** As the file has them, which is exact: in half the memory if those are 16 bits. */
  FILE,
  /** As floats of 32 bits. */
  F32,
  /** Rounded to the upper halves of floats. */
  BF16,
  /** Rounded to bytes, of which each 32 share a scale. */
  INT8;

  /** For the help of commands. */
  public static final String DESCRIPTION =
      "in which precision matrices are held: file, f32, bf16 or int8; file is exact, the others"
          + " round what has more bits, and a token is written the faster the fewer bytes there are"
          + " (default: file)";

  /**
   * Returns the precision in memory.
   *
   * @param file the least precision that has the file's numbers
   */
  public Precision of(Precision file) {
    return switch (this) {
      case FILE -> file;
      case F32 -> Precision.F32;
      case BF16 -> Precision.BF16;
      case INT8 -> Precision.INT8;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
