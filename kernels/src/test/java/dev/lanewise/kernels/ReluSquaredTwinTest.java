package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** The squared ReLU: scalar and vector. */
class ReluSquaredTwinTest extends TwinTest {

  /** The first row that is worked on. */
  private static final int ROW = 1;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        add(calls, values, 1, n);
        add(calls, values, 3, n);
      }
    }
    return calls;
  }

  private static void add(List<Call> calls, Values values, int rows, int n) {
    String size = " %dx%d %s".formatted(rows, n, values);
    calls.add(
        Call.of(
            "squared relu" + size,
            (k, s) -> k.reluSquared().forward(ROW, rows, s[0].matrix, s[1].matrix),
            in(values, n + 1L, rows, n, 1),
            out(values, n + 2L, rows, n, 2)));
    calls.add(
        Call.of(
            "squared relu backward" + size,
            (k, s) -> k.reluSquared().backward(ROW, rows, s[0].matrix, s[1].matrix, s[2].matrix),
            in(values, n + 3L, rows, n, 0),
            in(values, n + 4L, rows, n, 1),
            out(values, n + 5L, rows, n, 2)));
    calls.add(
        Call.of(
            "squared relu backward in place" + size,
            (k, s) -> k.reluSquared().backward(ROW, rows, s[0].matrix, s[1].matrix, s[1].matrix),
            in(values, n + 3L, rows, n, 0),
            out(values, n + 4L, rows, n, 1)));
  }

  private static Slice in(Values values, long seed, int rows, int n, int gap) {
    return Slice.inRows(values, seed, ROW + rows, n, n + gap);
  }

  private static Slice out(Values values, long seed, int rows, int n, int gap) {
    return Slice.outRows(values, seed, ROW + rows, n, n + gap).onlyBlock(ROW, rows, 0, n);
  }
}
