package dev.lanewise.bench;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import java.util.List;
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
  private Matrix x;
  private Matrix transposeOfX;
  private Matrix w;
  private Matrix transposeOfW;
  private Matrix dy;
  private Matrix transposeOfDy;
  private PackedMatrix packedW;
  private PackedMatrix packedTransposeOfW;
  private PackedMatrix packedDy;
  private PackedMatrix packedTransposeOfDy;
  private PackedMatrix repackedW;
  private PackedMatrix repackedTransposeOfW;
  private Matrix transposeOfDx;
  private Matrix y;
  private Matrix dx;
  private Matrix dxInPlace;
  private Matrix dw;
  private Matrix scratch;

  @Setup
  public void setup() {
    matmul = Variants.matmul(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    inputs = sizes[1];
    outputs = sizes[2];
    x = Matrix.of(random(1, rows * inputs), 0, inputs);
    transposeOfX = x.transposed(rows);
    w = Matrix.of(random(2, inputs * outputs), 0, outputs);
    transposeOfW = w.transposed(inputs);
    dy = Matrix.of(random(3, rows * outputs), 0, outputs);
    transposeOfDy = dy.transposed(rows);
    y = Matrix.of(new float[rows * outputs], 0, outputs);
    dx = Matrix.of(new float[rows * inputs], 0, inputs);
    dxInPlace = Matrix.of(new float[rows * inputs], 0, inputs);
    transposeOfDx = Matrix.of(new float[rows * inputs], 0, rows);
    dw = Matrix.of(new float[inputs * outputs], 0, outputs);
    scratch = Matrix.row(new float[matmul.scratchFloats()], 0, 0);
    packedW = packed(inputs, outputs);
    packedTransposeOfW = packed(outputs, inputs);
    packedDy = packed(rows, outputs);
    packedTransposeOfDy = packed(outputs, rows);
    repackedW = packed(inputs, outputs);
    repackedTransposeOfW = packed(outputs, inputs);
    matmul.pack(inputs, w, 0, packedW, 0, 0, outputs);
    matmul.pack(outputs, transposeOfW, 0, packedTransposeOfW, 0, 0, inputs);
    matmul.pack(rows, dy, 0, packedDy, 0, 0, outputs);
  }

  private PackedMatrix packed(int k, int n) {
    return matmul.allocate(List.of(new PackedMatrix.Size(k, n))).get(0);
  }

  /** Y = X W. */
  @Benchmark
  public void forward(Flops flops) {
    matmul.multiply(rows, inputs, x, 0, packedW, 0, outputs, null, y, 0);
    flops.add(2.0 * rows * inputs * outputs);
  }

  /** dX = dY Wᵀ. */
  @Benchmark
  public void inputGradient(Flops flops) {
    matmul.multiply(rows, outputs, dy, 0, packedTransposeOfW, 0, inputs, null, dx, 0);
    flops.add(2.0 * rows * inputs * outputs);
  }

  /** dX = dY Wᵀ as dXᵀ = W dYᵀ: no packed Wᵀ, but dY and dX transposed. */
  @Benchmark
  public void inputGradientInPlace(Flops flops) {
    matmul.pack(outputs, transposeOfDy, 0, packedTransposeOfDy, 0, 0, rows);
    matmul.multiply(inputs, outputs, w, 0, packedTransposeOfDy, 0, rows, null, transposeOfDx, 0);
    matmul.transpose(inputs, rows, transposeOfDx, 0, dxInPlace, 0, 0);
    flops.add(2.0 * rows * inputs * outputs);
  }

  /** dW += Xᵀ dY. */
  @Benchmark
  public void weightGradient(Flops flops) {
    matmul.multiply(inputs, rows, transposeOfX, 0, packedDy, 0, outputs, dw, dw, 0, scratch);
    flops.add(2.0 * rows * inputs * outputs);
  }

  /** Packs W; reads and writes it once. */
  @Benchmark
  public void pack(Traffic traffic) {
    matmul.pack(inputs, w, 0, repackedW, 0, 0, outputs);
    traffic.add(2.0 * inputs * outputs);
  }

  /** Packs Wᵀ; reads and writes it once. */
  @Benchmark
  public void packTransposed(Traffic traffic) {
    matmul.pack(outputs, transposeOfW, 0, repackedTransposeOfW, 0, 0, inputs);
    traffic.add(2.0 * inputs * outputs);
  }

  /** A packed form is its kernel's own affair: what shows is the product of a row with it. */
  @Override
  Object[] outputs() {
    Matrix withW = Matrix.of(new float[outputs], 0, outputs);
    matmul.multiply(1, inputs, x, 0, repackedW, 0, outputs, null, withW, 0);
    Matrix withTransposeOfW = Matrix.of(new float[inputs], 0, inputs);
    matmul.multiply(1, outputs, dy, 0, repackedTransposeOfW, 0, inputs, null, withTransposeOfW, 0);
    return new Object[] {
      y.data(), dx.data(), dxInPlace.data(), dw.data(), withW.data(), withTransposeOfW.data()
    };
  }
}
