package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Softmax: scalar and vector. */
class SoftmaxTwinTest extends TwinTest {

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        add(calls, values, 1, n, n, 1f);
        add(calls, values, 3, n, n + 3, 0.125f);
      }
    }
    return calls;
  }

  private static void add(
      List<Call> calls, Values values, int rows, int n, int stride, float scale) {
    String size = " %dx%d stride %d %s".formatted(rows, n, stride, values);
    calls.add(
        Call.of(
            "softmax" + size,
            (k, s) ->
                k.softmax()
                    .forward(
                        rows,
                        n,
                        scale,
                        s[0].array,
                        s[0].offset,
                        stride,
                        s[1].array,
                        s[1].offset,
                        n + 1),
            Slice.inRows(values, n + 1L, rows, n, stride),
            Slice.outRows(values, n + 2L, rows, n, n + 1)));
    calls.add(
        Call.of(
            "softmax in place" + size,
            (k, s) ->
                k.softmax()
                    .forward(
                        rows,
                        n,
                        scale,
                        s[0].array,
                        s[0].offset,
                        stride,
                        s[0].array,
                        s[0].offset,
                        stride),
            Slice.outRows(values, n + 3L, rows, n, stride)));
    calls.add(
        Call.of(
            "softmax backward" + size,
            (k, s) ->
                k.softmax()
                    .backward(
                        rows,
                        n,
                        scale,
                        s[0].array,
                        s[0].offset,
                        stride,
                        s[1].array,
                        s[1].offset,
                        n + 2,
                        s[2].array,
                        s[2].offset,
                        n + 5),
            Slice.inRows(values, n + 4L, rows, n, stride),
            Slice.inRows(values, n + 5L, rows, n, n + 2),
            Slice.outRows(values, n + 6L, rows, n, n + 5)));
    calls.add(
        Call.of(
            "softmax backward in place" + size,
            (k, s) ->
                k.softmax()
                    .backward(
                        rows,
                        n,
                        scale,
                        s[0].array,
                        s[0].offset,
                        stride,
                        s[1].array,
                        s[1].offset,
                        stride,
                        s[1].array,
                        s[1].offset,
                        stride),
            Slice.inRows(values, n + 7L, rows, n, stride),
            Slice.outRows(values, n + 8L, rows, n, stride)));
  }
}
