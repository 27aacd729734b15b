package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** GELU by the normal distribution: scalar and vector. */
class ErfGeluTwinTest extends TwinTest {

  /** The first row that is worked on. */
  private static final int ROW = 1;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        add(calls, values, 1, n, 0);
        add(calls, values, 3, n, 0);
        add(calls, values, 3, n, 2);
      }
    }
    return calls;
  }

  private static void add(List<Call> calls, Values values, int rows, int n, int gap) {
    String size = " %dx%d gap=%d %s".formatted(rows, n, gap, values);
    calls.add(
        Call.of(
            "erf gelu" + size,
            (k, s) -> k.erfGelu().forward(ROW, rows, s[0].matrix, s[1].matrix),
            in(values, n + 1L, rows, n, n + gap),
            out(values, n + 2L, rows, n, n + 2 * gap)));
    calls.add(
        Call.of(
            "erf gelu in place" + size,
            (k, s) -> k.erfGelu().forward(ROW, rows, s[0].matrix, s[0].matrix),
            out(values, n + 3L, rows, n, n + gap)));
    calls.add(
        Call.of(
            "erf gelu backward" + size,
            (k, s) -> k.erfGelu().backward(ROW, rows, s[0].matrix, s[1].matrix, s[2].matrix),
            in(values, n + 4L, rows, n, n + gap),
            in(values, n + 5L, rows, n, n + 2 * gap),
            out(values, n + 6L, rows, n, n + 3 * gap)));
    calls.add(
        Call.of(
            "erf gelu backward in place" + size,
            (k, s) -> k.erfGelu().backward(ROW, rows, s[0].matrix, s[1].matrix, s[1].matrix),
            in(values, n + 7L, rows, n, n + gap),
            out(values, n + 8L, rows, n, n + 2 * gap)));
  }

  private static Slice in(Values values, long seed, int rows, int n, int stride) {
    return Slice.inRows(values, seed, ROW + rows, n, stride);
  }

  private static Slice out(Values values, long seed, int rows, int n, int stride) {
    return Slice.outRows(values, seed, ROW + rows, n, stride).onlyBlock(ROW, rows, 0, n);
  }
}
