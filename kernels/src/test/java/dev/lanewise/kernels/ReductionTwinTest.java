package dev.lanewise.kernels;

import java.util.ArrayList;
import java.util.List;

/** Sums of flat arrays: scalar and vector. */
class ReductionTwinTest extends TwinTest {

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        calls.add(
            Call.of(
                "sum of squares n=" + n + " " + values,
                (k, s) -> store(k.reduction().sumOfSquares(n, s[0].array, s[0].offset), s[1]),
                Slice.in(values, n + 1L, n),
                Slice.out(values, n + 2L, 4)));
        calls.add(
            Call.of(
                "add n=" + n + " " + values,
                (k, s) -> k.reduction().add(n, s[0].array, s[0].offset, s[1].array, s[1].offset),
                Slice.in(values, n + 3L, n),
                Slice.out(values, n + 4L, n)));
      }
    }
    return calls;
  }

  /** The double's bits as four floats with the values of 16 bits each. */
  private static void store(double sum, Slice out) {
    long bits = Double.doubleToLongBits(sum);
    for (int i = 0; i < 4; i++) {
      out.set(i, (int) (bits >>> (16 * i)) & 0xffff);
    }
  }
}
