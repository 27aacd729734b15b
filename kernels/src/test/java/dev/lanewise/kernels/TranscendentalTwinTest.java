package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** exp, tanh and log: scalar and vector. */
class TranscendentalTwinTest extends TwinTest {

  private interface Function {
    void apply(Transcendental t, int n, float[] x, int xOffset, float[] y, int yOffset);
  }

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    add(calls, "exp", Transcendental::exp);
    add(calls, "tanh", Transcendental::tanh);
    add(calls, "log", Transcendental::log);
    return calls;
  }

  private static void add(List<Call> calls, String name, Function f) {
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        String what = name + " n=" + n + " " + values;
        calls.add(
            Call.of(
                what,
                (k, s) ->
                    f.apply(
                        k.transcendental(), n, s[0].array, s[0].offset, s[1].array, s[1].offset),
                Slice.in(values, n + 1L, n),
                Slice.out(values, n + 2L, n)));
        calls.add(
            Call.of(
                what + " in place",
                (k, s) ->
                    f.apply(
                        k.transcendental(), n, s[0].array, s[0].offset, s[0].array, s[0].offset),
                Slice.out(values, n + 3L, n)));
      }
    }
  }
}
