package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Softmax cross-entropy: scalar and vector. */
class CrossEntropyTwinTest extends TwinTest {

  /** The first row that is worked on. */
  private static final int ROW = 2;

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int n : SIZES) {
        if (n > 0) {
          add(calls, values, 0, n, n);
          add(calls, values, 1, n, n);
          add(calls, values, 4, n, n + 2);
        }
      }
    }
    return calls;
  }

  private static void add(List<Call> calls, Values values, int rows, int n, int stride) {
    String size = " %dx%d %s".formatted(rows, n, values);
    Slice losses = Slice.out(values, n + 2L, rows);
    int[] targets = targets(losses.offset, rows, n);
    int shift = losses.offset - ROW;
    calls.add(
        Call.of(
            "loss" + size,
            (k, s) -> k.crossEntropy().loss(ROW, rows, s[0].matrix, targets, s[1].array, shift),
            logits(values, n + 1L, rows, n, stride),
            losses));
    for (float inverse : new float[] {1f, 1f / 0.7f, 1f / 3}) {
      calls.add(
          Call.of(
              "loss and gradient" + size + " times " + inverse,
              (k, s) ->
                  k.crossEntropy()
                      .lossAndGradient(
                          ROW, rows, inverse, 0.01f, s[0].matrix, targets, s[1].array, shift),
              logits(values, n + 3L, rows, n, stride),
              losses.copy()));
    }
  }

  private static Slice logits(Values values, long seed, int rows, int n, int stride) {
    return Slice.outRows(values, seed, ROW + rows, n, stride).onlyBlock(ROW, rows, 0, n);
  }

  /** The first class, one in the middle, one that does not count, and the last one. */
  private static int[] targets(int offset, int rows, int n) {
    int[] targets = new int[offset + rows];
    Arrays.fill(targets, -1);
    for (int r = 0; r < rows; r++) {
      targets[offset + r] =
          switch (r) {
            case 0 -> 0;
            case 1 -> n / 2;
            case 2 -> CrossEntropy.UNCOUNTED;
            default -> n - 1;
          };
    }
    return targets;
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, -99, -101, 5, Integer.MAX_VALUE})
  void refusesWhatIsNotAClass(int target) {
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      CrossEntropy operation = kernels.crossEntropy();
      int[] targets = {target};
      Matrix logits = Matrix.of(new float[100], 9, 5);
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> operation.loss(2, 1, logits, targets, new float[1], -2));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(
              () -> operation.lossAndGradient(2, 1, 1f, 1f, logits, targets, new float[1], -2));
    }
  }
}
