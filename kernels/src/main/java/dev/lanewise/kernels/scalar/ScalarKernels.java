package dev.lanewise.kernels.scalar;

import dev.lanewise.kernels.KernelSet;

/** The set of scalar kernels. */
public final class ScalarKernels {

  private ScalarKernels() {}

  /** Returns the definition of every operation. */
  public static KernelSet create() {
    ScalarSoftmax softmax = new ScalarSoftmax();
    return new KernelSet(
        "scalar",
        new ScalarMatmul(),
        new ScalarAttention(softmax),
        softmax,
        new ScalarGelu(),
        new ScalarErfGelu(),
        new ScalarSiluGate(),
        new ScalarReluSquared(),
        new ScalarLayerNorm(),
        new ScalarRmsNorm(),
        new ScalarRotary(),
        new ScalarCrossEntropy(),
        new ScalarEmbedding(),
        new ScalarDropout(),
        new ScalarElementwise(),
        new ScalarScaledSum(),
        new ScalarTranscendental(),
        new ScalarReduction(),
        new ScalarAdamWUpdate(),
        new ScalarRowAdam(),
        new ScalarMuonUpdate());
  }
}
