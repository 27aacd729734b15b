package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Dropout: scalar and vector. */
class DropoutTwinTest extends TwinTest {

  /** The first row that is worked on. */
  private static final int ROW = 1;

  /** Rows of the stream: most begin in the middle of a group of blocks, some past 2^32 blocks. */
  private static final long[] FIRSTS = {0, 1, 30, 99, 127, 1_000_000_007L, (1L << 34) - 2};

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        for (long first : FIRSTS) {
          add(calls, values, 1, n, 0, first, 0.1f);
          add(calls, values, 3, n, 0, first, 0.1f);
          add(calls, values, 3, n, 2, first, 0.1f);
        }
        add(calls, values, 3, n, 0, 3, 0f);
        add(calls, values, 3, n, 2, 3, 0.99f);
      }
    }
    return calls;
  }

  private static void add(
      List<Call> calls, Values values, int rows, int n, int gap, long first, float rate) {
    String what =
        "dropout %dx%d gap=%d first=%d rate=%s %s".formatted(rows, n, gap, first, rate, values);
    Dropout.Mask mask = new Dropout.Mask(rate, 0x80000001);
    long key = 0xFEDCBA9876543210L;
    int step = -7;
    calls.add(
        Call.of(
            what,
            (k, s) ->
                k.dropout().apply(ROW, rows, s[0].matrix, s[1].matrix, mask, key, step, first),
            Slice.inRows(values, n + 1L, ROW + rows, n, n + gap),
            Slice.outRows(values, n + 2L, ROW + rows, n, n + 2 * gap).onlyBlock(ROW, rows, 0, n)));
    calls.add(
        Call.of(
            what + " in place",
            (k, s) ->
                k.dropout().apply(ROW, rows, s[0].matrix, s[0].matrix, mask, key, step, first),
            Slice.outRows(values, n + 3L, ROW + rows, n, n + gap).onlyBlock(ROW, rows, 0, n)));
  }
}
