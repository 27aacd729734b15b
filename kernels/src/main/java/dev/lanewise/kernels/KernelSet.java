package dev.lanewise.kernels;

/**
 * One implementation of each operation. The {@code scalar} and {@code vector} packages each make
 * one; all of them compute the same bits.
 *
 * @param name for people: "scalar", or "vector-256" with the width in bits
 */
public record KernelSet(
    String name,
    Matmul matmul,
    Attention attention,
    Softmax softmax,
    Gelu gelu,
    ErfGelu erfGelu,
    SiluGate siluGate,
    ReluSquared reluSquared,
    LayerNorm layerNorm,
    RmsNorm rmsNorm,
    Rotary rotary,
    CrossEntropy crossEntropy,
    Embedding embedding,
    Dropout dropout,
    Elementwise elementwise,
    ScaledSum scaledSum,
    Transcendental transcendental,
    Reduction reduction,
    AdamWUpdate adamW,
    RowAdam rowAdam,
    MuonUpdate muon) {}
