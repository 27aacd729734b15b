package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Softmax cross-entropy: scalar and vector. */
class CrossEntropyTwinTest extends TwinTest {

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        if (n > 0) {
          add(calls, values, 0, n, n);
          add(calls, values, 1, n, n);
          add(calls, values, 3, n, n + 2);
        }
      }
    }
    return calls;
  }

  private static void add(List<Call> calls, Values values, int rows, int n, int stride) {
    int[] targets = {-1, 0, n / 2, n - 1};
    String size = " %dx%d %s".formatted(rows, n, values);
    calls.add(
        Call.of(
            "loss" + size,
            (k, s) ->
                k.crossEntropy()
                    .loss(
                        rows,
                        n,
                        s[0].array,
                        s[0].offset,
                        stride,
                        targets,
                        1,
                        s[1].array,
                        s[1].offset),
            Slice.outRows(values, n + 1L, rows, n, stride),
            Slice.out(values, n + 2L, rows)));
    calls.add(
        Call.of(
            "loss and gradient" + size,
            (k, s) ->
                k.crossEntropy()
                    .lossAndGradient(
                        rows,
                        n,
                        0.01f,
                        s[0].array,
                        s[0].offset,
                        stride,
                        targets,
                        1,
                        s[1].array,
                        s[1].offset),
            Slice.outRows(values, n + 3L, rows, n, stride),
            Slice.out(values, n + 4L, rows)));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 5, Integer.MAX_VALUE})
  void refusesWhatIsNotAClass(int target) {
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      CrossEntropy operation = kernels.crossEntropy();
      int[] targets = {target};
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(
              () -> operation.loss(1, 5, new float[100], 9, 5, targets, 0, new float[1], 0));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(
              () ->
                  operation.lossAndGradient(
                      1, 5, 1f, new float[100], 9, 5, targets, 0, new float[1], 0));
    }
  }
}
