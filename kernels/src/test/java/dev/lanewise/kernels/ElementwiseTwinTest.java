package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Sums and bias gradients: scalar and vector. */
class ElementwiseTwinTest extends TwinTest {

  /** The first row that is worked on. */
  private static final int ROW = 1;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        for (int rows : new int[] {0, 1, 3}) {
          for (int gap : new int[] {0, 2}) {
            calls.add(add("add", values, rows, n, gap, 0, 1, 2));
            calls.add(add("add into a", values, rows, n, gap, 0, 1, 0));
            calls.add(add("add into b", values, rows, n, gap, 0, 1, 1));
            calls.add(accumulate(values, rows, n, gap));
          }
          calls.add(biasGradient(values, rows, n, 0, n));
          calls.add(biasGradient(values, rows, n, n / 3, n - n / 4));
        }
      }
    }
    return calls;
  }

  /** With gaps between the rows each matrix has a stride of its own. */
  private static Call add(
      String name, Values values, int rows, int n, int gap, int a, int b, int y) {
    Slice[] slices = new Slice[3];
    for (int i = 0; i < slices.length; i++) {
      int stride = n + gap * (i + 1);
      slices[i] =
          i == y
              ? Slice.outRows(values, (long) n + i, ROW + rows, n, stride)
                  .onlyBlock(ROW, rows, 0, n)
              : Slice.inRows(values, (long) n + i, ROW + rows, n, stride);
    }
    return Call.of(
        "%s %dx%d gap=%d %s".formatted(name, rows, n, gap, values),
        (k, s) -> k.elementwise().add(ROW, rows, s[a].matrix, s[b].matrix, s[y].matrix),
        slices);
  }

  private static Call accumulate(Values values, int rows, int n, int gap) {
    return Call.of(
        "accumulate %dx%d gap=%d %s".formatted(rows, n, gap, values),
        (k, s) -> k.elementwise().accumulate(rows, s[0].matrix, 2, s[1].matrix, ROW),
        Slice.inRows(values, n + 1L, 2 + rows, n, n + gap),
        Slice.outRows(values, n + 2L, ROW + rows, n, n + 2 * gap).onlyBlock(ROW, rows, 0, n));
  }

  private static Call biasGradient(Values values, int rows, int n, int from, int to) {
    return Call.of(
        "bias gradient %dx%d columns %d to %d %s".formatted(rows, n, from, to, values),
        (k, s) -> k.elementwise().biasGradient(rows, from, to, s[0].matrix, s[1].matrix),
        Slice.inRows(values, n + 1L, rows, n, n + 3),
        Slice.out(values, n + 2L, n).writable(i -> i >= from && i < to));
  }
}
