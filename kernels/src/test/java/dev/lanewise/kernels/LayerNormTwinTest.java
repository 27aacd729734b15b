package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Layer normalisation: scalar and vector. */
class LayerNormTwinTest extends TwinTest {

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        for (int rows : new int[] {0, 1, 3}) {
          for (boolean bias : new boolean[] {true, false}) {
            calls.add(forward(values, rows, n, bias));
          }
          calls.add(backward(values, rows, n));
          calls.add(gainGradient(values, rows, n));
        }
      }
    }
    return calls;
  }

  private static Call forward(Values values, int rows, int n, boolean bias) {
    return Call.of(
        "layer norm %dx%d bias %s %s".formatted(rows, n, bias, values),
        (k, s) ->
            k.layerNorm()
                .forward(
                    rows,
                    n,
                    s[0].array,
                    s[0].offset,
                    s[1].array,
                    s[1].offset,
                    bias ? s[2].array : null,
                    s[2].offset,
                    s[3].array,
                    s[3].offset,
                    s[4].array,
                    s[4].offset,
                    s[5].array,
                    s[5].offset),
        Slice.in(values, n + 1L, rows * n),
        Slice.in(values, n + 2L, n),
        Slice.in(values, n + 3L, n),
        Slice.out(values, n + 4L, rows * n),
        Slice.out(values, n + 5L, rows),
        Slice.out(values, n + 6L, rows));
  }

  private static Call backward(Values values, int rows, int n) {
    return Call.of(
        "layer norm backward %dx%d %s".formatted(rows, n, values),
        (k, s) ->
            k.layerNorm()
                .backward(
                    rows,
                    n,
                    s[0].array,
                    s[0].offset,
                    s[1].array,
                    s[1].offset,
                    s[2].array,
                    s[2].offset,
                    s[3].array,
                    s[3].offset,
                    s[4].array,
                    s[4].offset,
                    s[5].array,
                    s[5].offset),
        Slice.in(values, n + 1L, rows * n),
        Slice.in(values, n + 2L, n),
        Slice.in(values, n + 3L, rows),
        Slice.in(values, n + 4L, rows),
        Slice.in(values, n + 5L, rows * n),
        Slice.out(values, n + 6L, rows * n));
  }

  private static Call gainGradient(Values values, int rows, int n) {
    int stride = n + 5;
    return Call.of(
        "layer norm gain gradient %dx%d %s".formatted(rows, n, values),
        (k, s) ->
            k.layerNorm()
                .gainGradient(
                    rows,
                    n,
                    stride,
                    s[0].array,
                    s[0].offset,
                    s[1].array,
                    s[1].offset,
                    s[2].array,
                    s[2].offset,
                    s[3].array,
                    s[3].offset,
                    s[4].array,
                    s[4].offset),
        Slice.in(values, n + 1L, rows * stride),
        Slice.in(values, n + 2L, rows),
        Slice.in(values, n + 3L, rows),
        Slice.in(values, n + 4L, rows * stride),
        Slice.out(values, n + 5L, n));
  }
}
