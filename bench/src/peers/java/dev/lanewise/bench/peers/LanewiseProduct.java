package dev.lanewise.bench.peers;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.CacheLine;
import dev.lanewise.kernels.Matmul;
import java.util.Arrays;

/**
 * A product by Lanewise's kernel, with C cut among workers by columns, so that each packs what it
 * needs and waits for nobody, or by rows if the panels of columns cannot be shared out fairly. That
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
  private final float[] a;
  private final float[] b;
  private final float[] c;
  private final float[] packed;
  private final float[] transposed;
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
    this.a = placed(a);
    this.b = placed(b);
    this.c = new float[FIRST + product.m() * product.n()];
    long moved = 2L * product.m() * (product.k() + product.n());
    this.inPlace = product.isBTransposed() && moved <= (long) product.k() * product.n();
    this.transposed = new float[inPlace ? FIRST + product.m() * product.n() : 0];
    int widest = Math.max(product.m(), product.n());
    this.packed = new float[FIRST + matmul.packedSize(product.k(), widest)];
    int panels = Math.ceilDiv(product.n(), matmul.panelWidth());
    this.byRows = panels % pool.size() > 0 && panels < FAIR_PANELS * pool.size();
  }

  /** A copy that begins at a cache line, as the native libraries' matrices do. */
  private static float[] placed(float[] values) {
    float[] copy = new float[FIRST + values.length];
    System.arraycopy(values, 0, copy, FIRST, values.length);
    return copy;
  }

  /** Returns C. */
  float[] result() {
    return Arrays.copyOfRange(c, FIRST, c.length);
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
    int panels = Math.ceilDiv(product.n(), matmul.panelWidth());
    return (int) ((long) panels * part / pool.size());
  }

  private int firstColumn(int part) {
    return Math.min(product.n(), firstPanel(part) * matmul.panelWidth());
  }

  private int firstRow(int part) {
    return share(part, pool.size(), product.m(), ROW_GRAIN);
  }

  private void pack(int part) {
    int k = product.k();
    int n = product.n();
    int from = firstColumn(part);
    int columns = firstColumn(part + 1) - from;
    int at = FIRST + firstPanel(part) * k * matmul.panelWidth();
    if (product.isBTransposed()) {
      matmul.packTransposed(k, columns, b, FIRST + from * k, k, packed, at);
    } else {
      matmul.pack(k, columns, b, FIRST + from, n, packed, at);
    }
  }

  private void multiply(int part) {
    int k = product.k();
    int n = product.n();
    int row = byRows ? firstRow(part) : 0;
    int rows = (byRows ? firstRow(part + 1) : product.m()) - row;
    int column = byRows ? 0 : firstColumn(part);
    int columns = (byRows ? n : firstColumn(part + 1)) - column;
    int panel = FIRST + (byRows ? 0 : firstPanel(part) * k * matmul.panelWidth());
    float[] start = product.accumulates() ? c : null;
    int at = FIRST + row * n + column;
    if (product.isATransposed()) {
      matmul.multiplyTransposed(
          rows, columns, k, a, FIRST + row, product.m(), packed, panel, start, at, n, c, at, n);
    } else {
      matmul.multiply(rows, columns, k, a, FIRST + row * k, k, packed, panel, start, at, n, c, at, n);
    }
  }

  private static int share(int part, int parts, int n, int grain) {
    long grains = Math.ceilDiv(n, grain);
    return (int) Math.min(n, grains * part / parts * grain);
  }

  private void packLeft(int part) {
    int k = product.k();
    int row = share(part, pool.size(), product.m(), matmul.panelWidth());
    int rows = share(part + 1, pool.size(), product.m(), matmul.panelWidth()) - row;
    matmul.packTransposed(k, rows, a, FIRST + row * k, k, packed, FIRST + row * k);
  }

  private void multiplyInPlace(int part) {
    int m = product.m();
    int n = product.n();
    int k = product.k();
    int column = share(part, pool.size(), n, ROW_GRAIN);
    int columns = share(part + 1, pool.size(), n, ROW_GRAIN) - column;
    int at = FIRST + column * m;
    matmul.multiply(
        columns, m, k, b, FIRST + column * k, k, packed, FIRST, null, 0, 0, transposed, at, m);
    matmul.transpose(columns, m, transposed, at, m, c, FIRST + column, n);
  }
}
