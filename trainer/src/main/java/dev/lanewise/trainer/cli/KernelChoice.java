package dev.lanewise.trainer.cli;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;
import java.util.Locale;

/** Which implementation of the kernels computes. All give the same bits. */
enum KernelChoice {
  VECTOR,
  SCALAR;

  static final String DESCRIPTION =
      "vector or scalar: same results, very different speed. Vector kernels use the width that the"
          + " processor prefers; the JVM property -Dlanewise.vectorBits=128, 256 or 512 (in"
          + " LANEWISE_JAVA_OPTS) selects another (default: vector)";

  /**
   * Makes the kernels.
   *
   * @throws IllegalArgumentException if the property that selects the width is wrong
   */
  KernelSet create() {
    return this == VECTOR ? VectorKernels.create() : ScalarKernels.create();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
