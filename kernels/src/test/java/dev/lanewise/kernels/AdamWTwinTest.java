package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** AdamW: scalar and vector. */
class AdamWTwinTest extends TwinTest {

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        calls.add(update(values, n, 0f, 1));
        calls.add(update(values, n, 0.1f, 1000));
      }
    }
    return calls;
  }

  private static Call update(Values values, int n, float decay, long t) {
    AdamWUpdate.Step step = AdamWUpdate.Step.of(3e-4, 0.9, 0.999, 1e-8, 0.7, t);
    // Equal modulo 19, so that the two slices of a layout start at the same offset.
    return Call.of(
        "adamw n=%d decay=%s %s".formatted(n, decay, values),
        (k, s) ->
            k.adamW()
                .update(
                    step,
                    decay,
                    n,
                    s[0].offset,
                    s[0].array,
                    s[1].array,
                    s[2].offset,
                    s[2].array,
                    s[3].array),
        Slice.out(values, n, n),
        Slice.in(values, n + 19L, n),
        Slice.out(values, n + 39L, n),
        Slice.out(values, n + 58L, n).absolute());
  }
}
