package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Width.FLOATS;
import static dev.lanewise.kernels.vector.Width.L;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Packs a part of A, given by its transpose, into strips of some rows: in a strip these rows'
 * elements are neighbours for each p, and one p follows the other. A tile that walked down columns
 * where they lie would check each element's bounds, because C2 moves no check out of a loop whose
 * step it does not know; and elements a page apart would lie in few places of the caches.
 */
final class StripPacking {

  /** Rows of a strip: two sixes, or three fours. */
  static final int ROWS = 12;

  /** The rows, as far as they are not more than a vector. */
  private static final VectorMask<Float> MASK = FLOATS.indexInRange(0, ROWS);

  /** Where the last vector of a strip's rows begins; it overlaps the one before. */
  private static final int LAST = Math.max(0, ROWS - L);

  /** Rows of the transpose that are read side by side: lines in one place of L1 are no more. */
  private static final int TURN = 8;

  private StripPacking() {}

  /** Returns the floats that m rows of A take, of k elements each. */
  static int floats(int m, int k) {
    return Math.ceilDiv(m, ROWS) * ROWS * k;
  }

  /** Returns where a row begins, counted from the first strip. */
  static int row(int i, int stripStride) {
    return i / ROWS * stripStride + i % ROWS;
  }

  /**
   * Packs m rows of A, given as k rows of its transpose. The rows that a last strip has too many
   * keep what was in them.
   */
  static void pack(int m, int k, float[] aT, int aOffset, int aStride, float[] y, int yOffset) {
    int whole = m - m % ROWS;
    for (int p = 0; p < k; p += TURN) {
      int turn = Math.min(TURN, k - p);
      for (int i = 0; i < whole; i += ROWS) {
        strip(turn, aT, aOffset + p * aStride + i, aStride, y, yOffset + i * k + p * ROWS);
      }
    }
    for (int p = 0; p < k; p++) {
      for (int i = whole; i < m; i++) {
        y[yOffset + whole * k + p * ROWS + i - whole] = aT[aOffset + p * aStride + i];
      }
    }
  }

  private static void strip(int k, float[] aT, int aOffset, int aStride, float[] y, int yOffset) {
    int from = aOffset;
    for (int p = 0; p < k; p++) {
      int to = yOffset + p * ROWS;
      if (L > ROWS) {
        FloatVector.fromArray(FLOATS, aT, from, MASK).intoArray(y, to, MASK);
      } else {
        FloatVector.fromArray(FLOATS, aT, from).intoArray(y, to);
        if (L < LAST) {
          FloatVector.fromArray(FLOATS, aT, from + L).intoArray(y, to + L);
        }
        FloatVector.fromArray(FLOATS, aT, from + LAST).intoArray(y, to + LAST);
      }
      from += aStride;
    }
  }
}
