package dev.lanewise.trainer.optim;

import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;

/**
 * Brings the singular values of a matrix near 1 and keeps its singular vectors: of U S V' it makes
 * about U V'. Five steps of the iteration by Newton and Schulz, with the polynomial of Jordan et
 * al. (Muon, 2024, kellerjordan.github.io/posts/muon), which goes up steeply from 0 and settles
 * between 0.68 and 1.13 instead of at 1.
 *
 * <p><b>Definition.</b> Let X have at least as many rows as columns, else take its transpose, and
 * transpose the result. {@code X = u * (float) (1 / (norm + 1e-7))}, with the norm of {@link
 * dev.lanewise.kernels.Reduction#sumOfSquares} over u in row order. Then, {@value #STEPS} times: G
 * = X'X; S = G G; {@code S = a I + b G + c S}; X = X S. The products are fma chains as {@link
 * Matmul} defines them. G and S are symmetric to the bit: element (i, j) is the same chain as (j,
 * i), so half of each is computed and mirrored.
 *
 * <p>For one thread. Matrices of all shapes that one thread meets may work in the same memory.
 */
final class NewtonSchulz {

  static final float A = 3.4445f;
  static final float B = -4.7750f;
  static final float C = 2.0315f;

  /** Odd: the result is not where the iteration began. */
  static final int STEPS = 5;

  private static final double EPSILON = 1e-7;

  /** Columns of a block of a symmetric product; what lies above it is mirrored. */
  private static final int BLOCK = 64;

  /** Of no kernel is a panel wider. */
  private static final int WIDEST_PANEL = 32;

  private final KernelSet kernels;
  private final Matmul matmul;
  private final int rows;
  private final int columns;
  private final int small;
  private final int large;
  private final int block;
  private final Matrix input;
  private final Matrix result;
  private final Matrix begin;
  private final Matrix end;
  private final Matrix beginTransposed;
  private final Matrix endTransposed;
  private final Matrix gram;
  private final Matrix square;
  private final Matrix[] gramBlocks;
  private final Matrix[] squareBlocks;
  private final PackedMatrix packedTall;
  private final PackedMatrix packedSquare;

  /**
   * Lays a matrix of that shape out.
   *
   * @param memory of at least {@link #floats}
   */
  NewtonSchulz(KernelSet kernels, int rows, int columns, float[] memory) {
    this.kernels = kernels;
    this.matmul = kernels.matmul();
    this.rows = rows;
    this.columns = columns;
    this.small = Math.min(rows, columns);
    this.large = Math.max(rows, columns);
    this.block = Math.ceilDiv(BLOCK, matmul.columnUnit()) * matmul.columnUnit();
    long tall = (long) small * large;
    long symmetric = (long) small * small;
    int first = (int) CacheLine.start(0);
    int second = (int) CacheLine.start(first + tall);
    int third = (int) CacheLine.start(second + tall);
    int fourth = (int) CacheLine.start(third + symmetric);
    int packed = (int) CacheLine.start(fourth + symmetric);
    this.begin = Matrix.of(memory, first, small);
    this.end = Matrix.of(memory, second, small);
    this.beginTransposed = begin.transposed(large);
    this.endTransposed = end.transposed(large);
    this.gram = Matrix.of(memory, third, small);
    this.square = Matrix.of(memory, fourth, small);
    this.gramBlocks = blocks(gram);
    this.squareBlocks = blocks(square);
    this.packedTall = matmul.packedIn(memory, packed, new PackedMatrix.Size(large, small));
    this.packedSquare = matmul.packedIn(memory, packed, new PackedMatrix.Size(small, small));
    // A wide matrix is turned over on its way in and out, with what is free at the time as room.
    this.input = isTall() ? begin : Matrix.of(memory, second, columns);
    this.result = isTall() ? end : Matrix.of(memory, first, columns);
  }

  /** Returns the floats that a matrix of that shape takes, or a few more. */
  static long floats(int rows, int columns) {
    long small = Math.min(rows, columns);
    long large = Math.max(rows, columns);
    long packed = Math.ceilDiv(small, WIDEST_PANEL) * WIDEST_PANEL * large;
    return 2 * small * large + 2 * small * small + packed + 6L * CacheLine.FLOATS;
  }

  private boolean isTall() {
    return rows >= columns;
  }

  private Matrix[] blocks(Matrix of) {
    Matrix[] blocks = new Matrix[Math.ceilDiv(small, block)];
    for (int i = 0; i < blocks.length; i++) {
      int from = i * block;
      blocks[i] = of.columns(from, Math.min(block, small - from));
    }
    return blocks;
  }

  /** Returns where the matrix is to be put: rows one after another. */
  Matrix input() {
    return input;
  }

  /** Returns the result for the {@link #input}, which is overwritten. */
  Matrix orthogonalize() {
    int n = rows * columns;
    double norm = Math.sqrt(kernels.reduction().sumOfSquares(n, input.data(), input.offset()));
    float factor = (float) (1 / (norm + EPSILON));
    kernels.muon().scale(n, factor, input.data(), input.offset());
    if (!isTall()) {
      matmul.transpose(rows, columns, input, 0, begin, 0, 0);
    }
    for (int step = 0; step < STEPS; step++) {
      boolean even = step % 2 == 0;
      step(even ? begin : end, even ? beginTransposed : endTransposed, even ? end : begin);
    }
    if (!isTall()) {
      matmul.transpose(large, small, end, 0, result, 0, 0);
    }
    return result;
  }

  private void step(Matrix x, Matrix transposed, Matrix y) {
    matmul.pack(large, x, 0, packedTall, 0, 0, small);
    symmetric(large, transposed, packedTall, gram, gramBlocks);
    matmul.pack(small, gram, 0, packedSquare, 0, 0, small);
    symmetric(small, gram, packedSquare, square, squareBlocks);
    kernels.muon().polynomial(small, A, B, C, gram, square);
    matmul.pack(small, square, 0, packedSquare, 0, 0, small);
    matmul.multiply(large, small, x, 0, packedSquare, 0, small, null, y, 0);
  }

  /** The product of matrices of which it is known that it is symmetric. */
  private void symmetric(int k, Matrix a, PackedMatrix b, Matrix c, Matrix[] blocks) {
    for (int i = 0; i < blocks.length; i++) {
      int from = i * block;
      int to = Math.min(from + block, small);
      matmul.multiply(small - from, k, a, from, b, from, to, null, c, from);
      matmul.transpose(small - to, to - from, blocks[i], to, c, from, to);
    }
  }
}
