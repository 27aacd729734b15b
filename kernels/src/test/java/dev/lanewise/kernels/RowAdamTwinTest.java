package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Adam on rows: scalar and vector. */
class RowAdamTwinTest extends TwinTest {

  private static final int ROW = 2;
  private static final int GRADIENT_ROW = 1;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        calls.add(glide(values, n, 3e-3f, 0.5f, 0.9f));
        calls.add(glide(values, n, 0f, 1f, 1f));
        calls.add(glide(values, n, 1e-2f, 0f, 0f));
        calls.add(update(values, n, 1, 1));
        calls.add(update(values, n, 1000, 0.3));
      }
    }
    return calls;
  }

  private static Call glide(Values values, int n, float distance, float keepM, float keepV) {
    return Call.of(
        "glide %d by %s %s".formatted(n, distance, values),
        (k, s) ->
            k.rowAdam()
                .glide(distance, keepM, keepV, 1e-8f, ROW, s[0].matrix, s[1].matrix, s[2].matrix),
        row(values, n + 1L, n, 1),
        row(values, n + 2L, n, 2),
        row(values, n + 3L, n, 0));
  }

  private static Call update(Values values, int n, long t, double scale) {
    AdamWUpdate.Step step = AdamWUpdate.Step.of(1e-3, 0.9, 0.99, 1e-8, scale, t);
    return Call.of(
        "update row %d step %d %s".formatted(n, t, values),
        (k, s) ->
            k.rowAdam()
                .update(
                    step, ROW, s[0].matrix, s[1].matrix, s[2].matrix, GRADIENT_ROW, s[3].matrix),
        row(values, n + 1L, n, 1),
        row(values, n + 2L, n, 2),
        row(values, n + 3L, n, 0),
        Slice.inRows(values, n + 4L, GRADIENT_ROW + 1, n, n + 3));
  }

  private static Slice row(Values values, long seed, int n, int gap) {
    return Slice.outRows(values, seed, ROW + 2, n, n + gap).onlyBlock(ROW, 1, 0, n);
  }
}
