package dev.lanewise.bench;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.kernels.vector.VectorKernels;

/** The implementations that are compared, by name. */
final class Variants {

  private Variants() {}

  static KernelSet kernels(String variant) {
    return switch (variant) {
      case "scalar" -> ScalarKernels.create();
      case "vector" -> VectorKernels.create();
      default ->
          throw new IllegalArgumentException(
              "-p variant=" + variant + ": the variants are scalar and vector");
    };
  }

  /** As {@link #kernels}, or the plain blocked loop. */
  static Matmul matmul(String variant) {
    return variant.equals("blocked") ? new BlockedMatmul() : kernels(variant).matmul();
  }
}
