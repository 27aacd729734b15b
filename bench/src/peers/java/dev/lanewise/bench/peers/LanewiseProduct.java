package dev.lanewise.bench.peers;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import java.util.Arrays;
import java.util.List;

/**
 * A product by Lanewise's kernel, with C cut among workers by columns, so that each packs what it
 * needs and waits for no other, or by rows if the panels of columns cannot be divided evenly. That
 * changes no bits.
 *
 * <p>Where A has few rows and B is given by its transpose, it goes the other way round, as in the
 * trainer's backward pass: Cᵀ = Bᵀ Aᵀ reads B where it lies, and A is packed.
 */
final class LanewiseProduct {

  private static final int ROW_GRAIN = 16;

  /** With so many panels for each worker, one panel more or less is a few percent. */
  private static final int FAIR_PANELS = 8;

  private static final int FIRST = (int) CacheLine.start(0);

  private final Product product;
  private final Matmul matmul;
  private final WorkerPool pool;
  private final Matrix a;
  private final Matrix b;
  private final Matrix c;
  private final Matrix start;
  private final PackedMatrix packed;
  private final Matrix inPlaceLeft;
  private final Matrix inPlaceRight;
  private final Matrix transposed;
  private final Matrix[] scratch;
  private final boolean inPlace;
  private final boolean byRows;
  private final WorkerPool.Task packPart = (part, worker) -> pack(part);
  private final WorkerPool.Task multiplyPart = (part, worker) -> multiply(part);
  private final WorkerPool.Task packAndMultiplyPart =
      (part, worker) -> {
        pack(part);
        multiply(part);
      };
  private final WorkerPool.Task packLeftPart = (part, worker) -> packLeft(part);
  private final WorkerPool.Task multiplyInPlacePart = (part, worker) -> multiplyInPlace(part);

  LanewiseProduct(
      Product product, Matmul matmul, WorkerPool pool, float[] a, float[] b) {
    this.product = product;
    this.matmul = matmul;
    this.pool = pool;
    int m = product.m();
    int n = product.n();
    int k = product.k();
    Matrix left = placed(a, product.isATransposed() ? m : k);
    Matrix right = placed(b, product.isBTransposed() ? k : n);
    this.a = product.isATransposed() ? left.transposed(k) : left;
    this.b = product.isBTransposed() ? right.transposed(n) : right;
    this.c = placed(new float[m * n], n);
    this.start = product.accumulates() ? c : null;
    long moved = 2L * m * (k + n);
    this.inPlace = product.isBTransposed() && moved <= (long) k * n;
    this.inPlaceLeft = right;
    this.inPlaceRight = left.transposed(m);
    this.transposed = placed(new float[inPlace ? m * n : 0], m);
    PackedMatrix.Size size = new PackedMatrix.Size(k, Math.max(m, n));
    this.packed = matmul.allocate(List.of(size)).get(0);
    int floats = matmul.scratchFloats();
    this.scratch = new Matrix[pool.size()];
    Arrays.setAll(scratch, part -> Matrix.row(new float[floats], 0, 0));
    int panels = Math.ceilDiv(product.n(), matmul.columnUnit());
    this.byRows = panels % pool.size() > 0 && panels < FAIR_PANELS * pool.size();
  }

  /** A copy that begins at a cache line, as the native libraries' matrices do. */
  private static Matrix placed(float[] values, int columns) {
    float[] copy = new float[FIRST + values.length];
    System.arraycopy(values, 0, copy, FIRST, values.length);
    return Matrix.of(copy, FIRST, columns);
  }

  /** Returns C. */
  float[] result() {
    return Arrays.copyOfRange(c.data(), FIRST, c.data().length);
  }

  /** Packs B. */
  void pack() {
    pool.run(pool.size(), packPart);
  }

  /** Packs what has to be packed, and multiplies. */
  void packAndMultiply() {
    if (inPlace) {
      pool.run(pool.size(), packLeftPart);
      pool.run(pool.size(), multiplyInPlacePart);
    } else if (byRows) {
      pack();
      multiply();
    } else {
      pool.run(pool.size(), packAndMultiplyPart);
    }
  }

  /** Multiplies with the packed B. */
  void multiply() {
    pool.run(pool.size(), multiplyPart);
  }

  private int firstPanel(int part) {
    int panels = Math.ceilDiv(product.n(), matmul.columnUnit());
    return (int) ((long) panels * part / pool.size());
  }

  private int firstColumn(int part) {
    return Math.min(product.n(), firstPanel(part) * matmul.columnUnit());
  }

  private int firstRow(int part) {
    return share(part, pool.size(), product.m(), ROW_GRAIN);
  }

  private void pack(int part) {
    matmul.pack(product.k(), b, 0, packed, 0, firstColumn(part), firstColumn(part + 1));
  }

  private void multiply(int part) {
    int row = byRows ? firstRow(part) : 0;
    int rows = (byRows ? firstRow(part + 1) : product.m()) - row;
    int from = byRows ? 0 : firstColumn(part);
    int to = byRows ? product.n() : firstColumn(part + 1);
    matmul.multiply(rows, product.k(), a, row, packed, from, to, start, c, row, scratch[part]);
  }

  private static int share(int part, int parts, int n, int grain) {
    long grains = Math.ceilDiv(n, grain);
    return (int) Math.min(n, grains * part / parts * grain);
  }

  private void packLeft(int part) {
    int row = share(part, pool.size(), product.m(), matmul.columnUnit());
    int end = share(part + 1, pool.size(), product.m(), matmul.columnUnit());
    matmul.pack(product.k(), inPlaceRight, 0, packed, 0, row, end);
  }

  private void multiplyInPlace(int part) {
    int column = share(part, pool.size(), product.n(), ROW_GRAIN);
    int columns = share(part + 1, pool.size(), product.n(), ROW_GRAIN) - column;
    int m = product.m();
    matmul.multiply(
        columns, product.k(), inPlaceLeft, column, packed, 0, m, null, transposed, column);
    matmul.transpose(columns, m, transposed, column, c, 0, column);
  }
}
