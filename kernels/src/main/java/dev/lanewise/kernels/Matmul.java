package dev.lanewise.kernels;

import java.util.List;

/**
 * Matrix products, with one operand packed into column panels: beforehand, or block by block on the
 * way ({@link UnpackedMatrix}).
 *
 * <p><b>Definition.</b> Each element of C is one chain of fused multiply-adds, in ascending order
 * of the inner index: {@code c = start(i, j); for p in 0..k-1: c = fma(a(i, p), b(p, j), c)}.
 * Nothing else about a product is observable in its bits, so register tiles, vector width and cache
 * blocks are free choices of an implementation.
 *
 * <p>The start is how products are composed: nothing (zero), a bias (one row for all rows of C), or
 * C itself, which accumulates. Training needs three forms:
 *
 * <ul>
 *   <li>Y = X W + bias: pack W once, multiply X;
 *   <li>dX = dY W<sup>T</sup>: pack the {@linkplain Matrix#transposed transposed view} of W,
 *       multiply dY;
 *   <li>dW += X<sup>T</sup> dY: pack dY, multiply the transposed view of X.
 * </ul>
 *
 * <p>The second also goes as dX<sup>T</sup> = W dY<sup>T</sup>, with the same chains: pack the
 * transposed view of dY, multiply W as it lies, {@link #transpose} the result. With few rows that
 * is less to move than a packed W.
 *
 * <p>B can be stored in fewer bits, see {@link Precision}: then {@code b(p, j)} is the rounded
 * number.
 */
public interface Matmul {

  /** Columns by which a packed matrix is cut: a range of its columns begins at a multiple of it. */
  int columnUnit();

  /** Floats of memory that {@link #packedIn} needs for a matrix of floats. */
  long packedFloats(PackedMatrix.Size size);

  /**
   * Views memory as a packed matrix of floats: for operands that are packed anew for each product.
   * What is in it means nothing until it has been packed.
   *
   * @param offset where the matrix begins; {@link CacheLine#start} is fastest
   */
  PackedMatrix packedIn(float[] memory, int offset, PackedMatrix.Size size);

  /** Allocates packed matrices that live long: weights. They are zero. */
  List<PackedMatrix> allocate(List<PackedMatrix.Size> sizes);

  /** Bytes that {@link #allocate} takes. */
  long bytes(List<PackedMatrix.Size> sizes);

  /**
   * Packs a part of B: rows {@code toRow} to {@code toRow + rows} of it, and columns {@code
   * fromColumn} to {@code toColumn}. For several threads at a time, each with another part. Of a
   * matrix in {@link Precision#INT8} a part begins at a multiple of {@link Precision#GROUP} rows,
   * and ends at one or at the last row there will be.
   *
   * @param b its row {@code bRow + i} is row {@code toRow + i} of B; or a transposed view
   * @param fromColumn a multiple of {@link #columnUnit}, of B and of b alike
   * @param toColumn the end; a multiple too, or the end of B
   */
  void pack(int rows, Matrix b, int bRow, PackedMatrix to, int toRow, int fromColumn, int toColumn);

  /**
   * Y = X<sup>T</sup> for a product that was computed the other way round: {@code y(yRow + j,
   * yColumn + i) = x(xRow + i, j)}, for i below m and j below n. X and Y must not overlap.
   */
  void transpose(int m, int n, Matrix x, int xRow, Matrix y, int yRow, int yColumn);

  /**
   * C = start + A B, of m rows and some columns: {@code c(cRow + i, j)} is the chain over p below k
   * of {@code a(aRow + i, p) b(p, j)}.
   *
   * @param a also a transposed view
   * @param aRow the first row of A
   * @param k inner dimension: at most the rows that B has room for
   * @param b packed as it is, in {@link Precision#F32}
   * @param fromColumn a multiple of {@link #columnUnit}
   * @param toColumn the end of the columns, of B and of C alike
   * @param start where each chain begins: null for zero, C itself to accumulate, or any other
   *     matrix, indexed as C is; one that repeats a row is a bias
   * @param c must not overlap A or B
   */
  void multiply(
      int m,
      int k,
      Matrix a,
      int aRow,
      PackedMatrix b,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow);

  /**
   * Floats of scratch that {@link #multiply(int, int, Matrix, int, PackedMatrix, int, int, Matrix,
   * Matrix, int, Matrix)} needs at most.
   */
  int scratchFloats();

  /**
   * As the other, with B in any precision, and also a {@link PackedTranspose} or an {@link
   * UnpackedMatrix}. With scratch a transposed view as A is faster.
   *
   * @param scratch a row that only this thread uses, see {@link #scratchFloats}; what is in it
   *     afterwards means nothing
   */
  void multiply(
      int m,
      int k,
      Matrix a,
      int aRow,
      PackedMatrix b,
      int fromColumn,
      int toColumn,
      Matrix start,
      Matrix c,
      int cRow,
      Matrix scratch);

  /**
   * Reads columns of a matrix in any form as rows of Y: {@code y(row + i, p) = b(p, ids[row + i])},
   * for i below {@code rows} and p below k.
   *
   * @param k columns of Y: as many rows of B at most as have been packed
   * @param ids a column for each row of y
   */
  void gatherColumns(int row, int rows, int k, int[] ids, PackedMatrix b, Matrix y);
}
