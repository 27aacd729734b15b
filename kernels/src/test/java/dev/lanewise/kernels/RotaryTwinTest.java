package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Rotary position embedding: scalar and vector. */
class RotaryTwinTest extends TwinTest {

  /** The first row that is worked on, and the first angle. */
  private static final int ROW = 1;

  private static final int ANGLE = 2;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int half : new int[] {1, 2, 3, 4, 7, 8, 16, 17, 32, 33, 64}) {
        for (int heads : new int[] {1, 3}) {
          add(calls, values, half, 2 * half, heads);
          add(calls, values, half, 2 * half + 3, heads);
        }
      }
    }
    return calls;
  }

  private static void add(List<Call> calls, Values values, int half, int headSize, int heads) {
    int rows = 3;
    int width = heads * headSize;
    for (boolean back : new boolean[] {false, true}) {
      calls.add(
          Call.of(
              "rotary %d of %d, %d heads, back %s, %s"
                  .formatted(2 * half, headSize, heads, back, values),
              (k, s) ->
                  k.rotary()
                      .rotate(
                          ROW,
                          rows,
                          headSize,
                          back,
                          s[0].matrix,
                          s[1].matrix,
                          ANGLE,
                          s[2].matrix),
              Slice.inRows(values, half + 1L, ANGLE + rows, half, half),
              Slice.inRows(values, half + 2L, ANGLE + rows, half, half + 1),
              Slice.outRows(values, half + 3L, ROW + rows, width, width + 5)
                  .onlyBlock(ROW, rows, 0, width)));
    }
  }
}
