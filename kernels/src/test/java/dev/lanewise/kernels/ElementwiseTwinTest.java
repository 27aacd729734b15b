package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Sums, products and bias gradients: scalar and vector. */
class ElementwiseTwinTest extends TwinTest {

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        String size = " n=" + n + " " + values;
        calls.add(add("add" + size, values, n, 0, 1, 2));
        calls.add(add("add into a" + size, values, n, 0, 1, 0));
        calls.add(add("add into b" + size, values, n, 0, 1, 1));
        calls.add(scale("scale" + size, values, n, 1));
        calls.add(scale("scale in place" + size, values, n, 0));
        for (int rows : new int[] {0, 1, 3}) {
          calls.add(addBias("add bias" + size, values, rows, n, 2));
          calls.add(addBias("add bias in place" + size, values, rows, n, 0));
          calls.add(biasGradient(values, rows, n));
        }
      }
    }
    return calls;
  }

  private static Slice[] slices(Values values, int count, int n, int written) {
    Slice[] slices = new Slice[count];
    for (int i = 0; i < count; i++) {
      long seed = (long) n + i;
      slices[i] = i == written ? Slice.out(values, seed, n) : Slice.in(values, seed, n);
    }
    return slices;
  }

  private static Call add(String name, Values values, int n, int a, int b, int y) {
    return Call.of(
        name,
        (k, s) ->
            k.elementwise()
                .add(n, s[a].array, s[a].offset, s[b].array, s[b].offset, s[y].array, s[y].offset),
        slices(values, 3, n, y));
  }

  private static Call scale(String name, Values values, int n, int y) {
    return Call.of(
        name,
        (k, s) -> k.elementwise().scale(n, 0.3f, s[0].array, s[0].offset, s[y].array, s[y].offset),
        slices(values, 2, n, y));
  }

  private static Call addBias(String name, Values values, int rows, int n, int y) {
    return Call.of(
        name + " rows=" + rows,
        (k, s) ->
            k.elementwise()
                .addBias(
                    rows,
                    n,
                    s[0].array,
                    s[0].offset,
                    s[1].array,
                    s[1].offset,
                    s[y].array,
                    s[y].offset),
        y == 0 ? Slice.out(values, n + 1L, rows * n) : Slice.in(values, n + 1L, rows * n),
        Slice.in(values, n + 2L, n),
        Slice.out(values, n + 3L, rows * n));
  }

  private static Call biasGradient(Values values, int rows, int n) {
    return Call.of(
        "bias gradient %dx%d %s".formatted(rows, n, values),
        (k, s) ->
            k.elementwise()
                .biasGradient(rows, n, s[0].array, s[0].offset, n + 3, s[1].array, s[1].offset),
        Slice.in(values, n + 1L, rows * (n + 3)),
        Slice.out(values, n + 2L, n));
  }
}
