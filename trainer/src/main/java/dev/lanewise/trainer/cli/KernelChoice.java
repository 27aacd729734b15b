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
      "vector or scalar: same results, very different speed (default: vector). Vectors are as wide"
          + " as the processor prefers; for another width, start with%n"
          + "LANEWISE_JAVA_OPTS=-Dlanewise.vectorBits=256%n(or 128, or 512)";

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
