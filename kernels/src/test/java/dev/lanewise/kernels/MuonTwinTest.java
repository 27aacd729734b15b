package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Muon's elementwise parts: scalar and vector. */
class MuonTwinTest extends TwinTest {

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        for (int from : new int[] {0, 3}) {
          calls.add(momentum(values, n, from));
          calls.add(apply(values, n, from, 0f));
          calls.add(apply(values, n, from, 0.1f));
        }
        calls.add(scale(values, n));
        if (n < 100) {
          calls.add(polynomial(values, n));
        }
      }
    }
    return calls;
  }

  private static Call momentum(Values values, int n, int from) {
    int width = from + n + 2;
    return Call.of(
        "momentum of 3x%d from %d %s".formatted(n, from, values),
        (k, s) -> k.muon().momentum(3, 0.95f, 0.7f, s[0].matrix, s[1].matrix, from, s[2].matrix),
        Slice.inRows(values, n, 3, width, width + 1),
        Slice.outRows(values, n + 1L, 3, width, width + 2).onlyBlock(0, 3, from, n),
        Slice.outRows(values, n + 2L, 3, n, n + 1));
  }

  private static Call apply(Values values, int n, int from, float decay) {
    int width = from + n + 2;
    return Call.of(
        "apply 3x%d from %d decay=%s %s".formatted(n, from, decay, values),
        (k, s) -> k.muon().apply(3, 0.02f, decay, 1.4f, s[0].matrix, s[1].matrix, from),
        Slice.inRows(values, n, 3, n, n + 1),
        Slice.outRows(values, n + 1L, 3, width, width + 2).onlyBlock(0, 3, from, n));
  }

  private static Call scale(Values values, int n) {
    return Call.of(
        "scale %d %s".formatted(n, values),
        (k, s) -> k.muon().scale(n, 0.3f, s[0].array, s[0].offset),
        Slice.out(values, n, n));
  }

  private static Call polynomial(Values values, int n) {
    return Call.of(
        "polynomial %dx%d %s".formatted(n, n, values),
        (k, s) -> k.muon().polynomial(n, 3.4f, -4.8f, 2f, s[0].matrix, s[1].matrix),
        Slice.inRows(values, n, n, n, n + 1),
        Slice.outRows(values, n + 1L, n, n, n + 2));
  }
}
