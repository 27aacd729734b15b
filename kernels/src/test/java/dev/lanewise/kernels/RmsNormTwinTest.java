package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Root mean square normalisation: scalar and vector. */
class RmsNormTwinTest extends TwinTest {

  /** The first row that is worked on. */
  private static final int ROW = 2;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        for (int rows : new int[] {0, 1, 3}) {
          calls.add(forward(values, rows, n, 1e-5f));
          calls.add(forward(values, rows, n, 1e-2f));
          calls.add(inPlace(values, rows, n));
          calls.add(backward(values, rows, n));
          calls.add(gainGradient(values, rows, n, 0, n));
          calls.add(gainGradient(values, rows, n, n / 3, n - n / 4));
        }
      }
    }
    return calls;
  }

  /** One number for each row, in a column of a wider matrix. */
  private static Slice statistics(Values values, long seed, int rows) {
    return Slice.inRows(values, seed, ROW + rows, 1, 2);
  }

  private static Call forward(Values values, int rows, int n, float epsilon) {
    return Call.of(
        "rms norm %dx%d epsilon %s %s".formatted(rows, n, epsilon, values),
        (k, s) ->
            k.rmsNorm()
                .forward(
                    ROW, rows, epsilon, s[0].matrix, s[1].matrix, s[2].matrix, s[3].matrix),
        Slice.inRows(values, n + 1L, ROW + rows, n, n + 1),
        Slice.in(values, n + 2L, n),
        Slice.outRows(values, n + 4L, ROW + rows, n, n + 2).onlyBlock(ROW, rows, 0, n),
        statistics(values, n + 5L, rows).onlyBlock(ROW, rows, 0, 1));
  }

  private static Call inPlace(Values values, int rows, int n) {
    return Call.of(
        "rms norm in place %dx%d %s".formatted(rows, n, values),
        (k, s) ->
            k.rmsNorm()
                .forward(ROW, rows, 1e-6f, s[0].matrix, s[1].matrix, s[0].matrix, s[2].matrix),
        Slice.outRows(values, n + 1L, ROW + rows, n, n + 1).onlyBlock(ROW, rows, 0, n),
        Slice.in(values, n + 2L, n),
        statistics(values, n + 5L, rows).onlyBlock(ROW, rows, 0, 1));
  }

  private static Call backward(Values values, int rows, int n) {
    return Call.of(
        "rms norm backward %dx%d %s".formatted(rows, n, values),
        (k, s) ->
            k.rmsNorm()
                .backward(
                    ROW, rows, s[0].matrix, s[1].matrix, s[2].matrix, s[3].matrix, s[4].matrix),
        Slice.inRows(values, n + 1L, ROW + rows, n, n + 1),
        Slice.in(values, n + 2L, n),
        statistics(values, n + 4L, rows),
        Slice.inRows(values, n + 5L, ROW + rows, n, n + 2),
        Slice.outRows(values, n + 6L, ROW + rows, n, n + 3).onlyBlock(ROW, rows, 0, n));
  }

  private static Call gainGradient(Values values, int rows, int n, int from, int to) {
    return Call.of(
        "rms norm gain gradient %dx%d columns %d to %d %s".formatted(rows, n, from, to, values),
        (k, s) ->
            k.rmsNorm()
                .gainGradient(
                    rows, from, to, s[0].matrix, s[1].matrix, s[2].matrix, s[3].matrix),
        Slice.inRows(values, n + 1L, rows, n, n + 5),
        statistics(values, n + 3L, rows),
        Slice.inRows(values, n + 4L, rows, n, n + 2),
        Slice.out(values, n + 5L, n).writable(i -> i >= from && i < to));
  }
}
