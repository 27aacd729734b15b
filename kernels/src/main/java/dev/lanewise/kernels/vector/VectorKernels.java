package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.KernelSet;

/** The set of vector kernels. */
public final class VectorKernels {

  private VectorKernels() {}

  /**
   * Returns the Vector API version of every operation.
   *
   * @throws IllegalArgumentException if the system property {@code lanewise.vectorBits} is set to
   *     anything but 128, 256 or 512
   */
  public static KernelSet create() {
    return new KernelSet(
        "vector-" + bits(),
        new VectorMatmul(),
        new VectorAttention(),
        new VectorSoftmax(),
        new VectorGelu(),
        new VectorErfGelu(),
        new VectorSiluGate(),
        new VectorReluSquared(),
        new VectorLayerNorm(),
        new VectorRmsNorm(),
        new VectorRotary(),
        new VectorCrossEntropy(),
        new VectorEmbedding(),
        new VectorDropout(),
        new VectorElementwise(),
        new VectorScaledSum(),
        new VectorTranscendental(),
        new VectorReduction(),
        new VectorAdamWUpdate(),
        new VectorRowAdam(),
        new VectorMuonUpdate());
  }

  /** Returns the width in use, in bits. */
  public static int bits() {
    return Width.FLOATS.vectorBitSize();
  }

  /** Returns the width that the hardware prefers, in bits; wider ones run, very slowly. */
  public static int preferredBits() {
    return Width.preferredBits();
  }
}
