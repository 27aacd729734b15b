package dev.lanewise.bench;

import dev.lanewise.kernels.Matmul;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The three products of a linear layer, and packing, in GFLOP/s and GB/s. */
public class MatmulBenchmark extends KernelBenchmark {

  @Param({"scalar", "blocked", "vector"})
  public String variant;

  /** Rows x inputs x outputs. */
  @Param({"512x128x384", "4096x128x512", "768x128x65", "2048x384x1536", "1024x768x3072"})
  public String shape;

  private Matmul matmul;
  private int rows;
  private int inputs;
  private int outputs;
  private float[] x;
  private float[] w;
  private float[] dy;
  private float[] packedW;
  private float[] packedTransposeOfW;
  private float[] packedDy;
  private float[] packedTransposeOfDy;
  private float[] transposeOfDx;
  private float[] repackedW;
  private float[] repackedTransposeOfW;
  private float[] y;
  private float[] dx;
  private float[] dxInPlace;
  private float[] dw;

  @Setup
  public void setup() {
    matmul = Variants.matmul(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    inputs = sizes[1];
    outputs = sizes[2];
    x = random(1, rows * inputs);
    w = random(2, inputs * outputs);
    dy = random(3, rows * outputs);
    y = new float[rows * outputs];
    dx = new float[rows * inputs];
    dxInPlace = new float[rows * inputs];
    transposeOfDx = new float[rows * inputs];
    packedTransposeOfDy = new float[matmul.packedSize(outputs, rows)];
    dw = new float[inputs * outputs];
    packedW = new float[matmul.packedSize(inputs, outputs)];
    packedTransposeOfW = new float[matmul.packedSize(outputs, inputs)];
    packedDy = new float[matmul.packedSize(rows, outputs)];
    repackedW = new float[packedW.length];
    repackedTransposeOfW = new float[packedTransposeOfW.length];
    matmul.pack(inputs, outputs, w, 0, outputs, packedW, 0);
    matmul.packTransposed(outputs, inputs, w, 0, outputs, packedTransposeOfW, 0);
    matmul.pack(rows, outputs, dy, 0, outputs, packedDy, 0);
  }

  /** Y = X W. */
  @Benchmark
  public void forward(Flops flops) {
    matmul.multiply(rows, outputs, inputs, x, 0, inputs, packedW, 0, null, 0, 0, y, 0, outputs);
    flops.add(2.0 * rows * inputs * outputs);
  }

  /** dX = dY Wᵀ. */
  @Benchmark
  public void inputGradient(Flops flops) {
    matmul.multiply(
        rows, inputs, outputs, dy, 0, outputs, packedTransposeOfW, 0, null, 0, 0, dx, 0, inputs);
    flops.add(2.0 * rows * inputs * outputs);
  }

  /** dX = dY Wᵀ as dXᵀ = W dYᵀ: no packed Wᵀ, but dY and dX transposed. */
  @Benchmark
  public void inputGradientInPlace(Flops flops) {
    matmul.packTransposed(outputs, rows, dy, 0, outputs, packedTransposeOfDy, 0);
    matmul.multiply(
        inputs,
        rows,
        outputs,
        w,
        0,
        outputs,
        packedTransposeOfDy,
        0,
        null,
        0,
        0,
        transposeOfDx,
        0,
        rows);
    matmul.transpose(inputs, rows, transposeOfDx, 0, rows, dxInPlace, 0, inputs);
    flops.add(2.0 * rows * inputs * outputs);
  }

  /** dW += Xᵀ dY. */
  @Benchmark
  public void weightGradient(Flops flops) {
    matmul.multiplyTransposed(
        inputs, outputs, rows, x, 0, inputs, packedDy, 0, dw, 0, outputs, dw, 0, outputs);
    flops.add(2.0 * rows * inputs * outputs);
  }

  /** Packs W; reads and writes it once. */
  @Benchmark
  public void pack(Traffic traffic) {
    matmul.pack(inputs, outputs, w, 0, outputs, repackedW, 0);
    traffic.add(2.0 * inputs * outputs);
  }

  /** Packs Wᵀ; reads and writes it once. */
  @Benchmark
  public void packTransposed(Traffic traffic) {
    matmul.packTransposed(outputs, inputs, w, 0, outputs, repackedTransposeOfW, 0);
    traffic.add(2.0 * inputs * outputs);
  }

  /** A packed form is its kernel's own affair: what shows is the product of a row with it. */
  @Override
  Object[] outputs() {
    float[] withW = new float[outputs];
    matmul.multiply(1, outputs, inputs, x, 0, inputs, repackedW, 0, null, 0, 0, withW, 0, outputs);
    float[] withTransposeOfW = new float[inputs];
    matmul.multiply(
        1,
        inputs,
        outputs,
        dy,
        0,
        outputs,
        repackedTransposeOfW,
        0,
        null,
        0,
        0,
        withTransposeOfW,
        0,
        inputs);
    return new Object[] {y, dx, dxInPlace, dw, withW, withTransposeOfW};
  }
}
