package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Dropout: scalar and vector. */
class DropoutTwinTest extends TwinTest {

  /** Starts in the middle of a run of words, of a group of blocks, and past 2^32 blocks. */
  private static final long[] FIRSTS = {0, 1, 31, 100, 128, 1_000_000_007L, (1L << 34) - 40};

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        for (long first : FIRSTS) {
          add(calls, values, n, first, 0.1f);
        }
        add(calls, values, n, 3, 0f);
        add(calls, values, n, 3, 0.99f);
      }
    }
    return calls;
  }

  private static void add(List<Call> calls, Values values, int n, long first, float rate) {
    String what = "dropout n=%d first=%d rate=%s %s".formatted(n, first, rate, values);
    int threshold = Dropout.threshold(rate);
    float scale = 1f / (1f - rate);
    long key = 0xFEDCBA9876543210L;
    int stream = 0x80000001;
    int step = -7;
    calls.add(
        Call.of(
            what,
            (k, s) ->
                k.dropout()
                    .apply(
                        n,
                        s[0].array,
                        s[0].offset,
                        s[1].array,
                        s[1].offset,
                        threshold,
                        scale,
                        key,
                        stream,
                        step,
                        first),
            Slice.in(values, n + 1L, n),
            Slice.out(values, n + 2L, n)));
    calls.add(
        Call.of(
            what + " in place",
            (k, s) ->
                k.dropout()
                    .apply(
                        n,
                        s[0].array,
                        s[0].offset,
                        s[0].array,
                        s[0].offset,
                        threshold,
                        scale,
                        key,
                        stream,
                        step,
                        first),
            Slice.out(values, n + 3L, n)));
  }
}
