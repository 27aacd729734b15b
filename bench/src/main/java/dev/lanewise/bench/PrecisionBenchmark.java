package dev.lanewise.bench;

import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.Precision;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Products with weights in each precision, in GFLOP/s and in GB/s of weights, one thread: one row,
 * as a token of generation has it, and many; and packing. What memory allows is {@link
 * GenerationBenchmark}'s.
 */
public class PrecisionBenchmark extends KernelBenchmark {

  @Param({"scalar", "vector"})
  public String variant;

  @Param({"F32", "BF16", "F16", "INT8"})
  public Precision precision;

  /** Rows x inputs x outputs: a feed-forward layer of gpt2-124m, which a cache holds. */
  @Param({"1x768x3072", "8x768x3072", "512x768x3072"})
  public String shape;

  private Matmul matmul;
  private int rows;
  private int inputs;
  private int outputs;
  private Matrix x;
  private Matrix w;
  private Matrix scratch;
  private PackedMatrix packed;
  private PackedMatrix repacked;
  private Matrix y;

  @Setup
  public void setup() {
    matmul = Variants.matmul(variant);
    int[] sizes = sizes(shape);
    rows = sizes[0];
    inputs = sizes[1];
    outputs = sizes[2];
    x = Matrix.of(random(1, rows * inputs), 0, inputs);
    w = Matrix.of(random(2, inputs * outputs), 0, outputs);
    y = Matrix.of(new float[rows * outputs], 0, outputs);
    int floats = matmul.scratchFloats();
    scratch = Matrix.row(new float[floats], 0, floats);
    PackedMatrix.Size size = new PackedMatrix.Size(inputs, outputs, precision);
    packed = matmul.allocate(List.of(size)).getFirst();
    repacked = matmul.allocate(List.of(size)).getFirst();
    matmul.pack(inputs, w, 0, packed, 0, 0, outputs);
  }

  /** Y = X W, by the operations. */
  @Benchmark
  public void product(Flops flops) {
    matmul.multiply(rows, inputs, x, 0, packed, 0, outputs, null, y, 0, scratch);
    flops.add(2.0 * rows * inputs * outputs);
  }

  /** Y = X W, by the bytes of W. */
  @Benchmark
  public void stream(Traffic traffic) {
    matmul.multiply(rows, inputs, x, 0, packed, 0, outputs, null, y, 0, scratch);
    traffic.add((double) packed.bytes() / Float.BYTES);
  }

  /** Rounds and packs W, by the bytes of the floats. */
  @Benchmark
  public void pack(Traffic traffic) {
    matmul.pack(inputs, w, 0, repacked, 0, 0, outputs);
    traffic.add((double) inputs * outputs);
  }

  /** A packed form is its kernel's own affair: what shows is the product of a row with it. */
  @Override
  Object[] outputs() {
    Matrix again = Matrix.of(new float[outputs], 0, outputs);
    matmul.multiply(1, inputs, x, 0, repacked, 0, outputs, null, again, 0, scratch);
    return new Object[] {y.data(), again.data()};
  }
}
