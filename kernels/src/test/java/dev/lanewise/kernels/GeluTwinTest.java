package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** GELU: scalar and vector. */
class GeluTwinTest extends TwinTest {

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        String size = " n=" + n + " " + values;
        calls.add(
            Call.of(
                "gelu" + size,
                (k, s) -> k.gelu().forward(n, s[0].array, s[0].offset, s[1].array, s[1].offset),
                Slice.in(values, n + 1L, n),
                Slice.out(values, n + 2L, n)));
        calls.add(
            Call.of(
                "gelu in place" + size,
                (k, s) -> k.gelu().forward(n, s[0].array, s[0].offset, s[0].array, s[0].offset),
                Slice.out(values, n + 3L, n)));
        calls.add(
            Call.of(
                "gelu backward" + size,
                (k, s) ->
                    k.gelu()
                        .backward(
                            n,
                            s[0].array,
                            s[0].offset,
                            s[1].array,
                            s[1].offset,
                            s[2].array,
                            s[2].offset),
                Slice.in(values, n + 4L, n),
                Slice.in(values, n + 5L, n),
                Slice.out(values, n + 6L, n)));
        calls.add(
            Call.of(
                "gelu backward in place" + size,
                (k, s) ->
                    k.gelu()
                        .backward(
                            n,
                            s[0].array,
                            s[0].offset,
                            s[1].array,
                            s[1].offset,
                            s[1].array,
                            s[1].offset),
                Slice.in(values, n + 7L, n),
                Slice.out(values, n + 8L, n)));
      }
    }
    return calls;
  }
}
