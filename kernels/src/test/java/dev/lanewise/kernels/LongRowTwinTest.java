package dev.lanewise.kernels;

import java.util.List;

/**
 * Rows as long as the vocabulary of GPT-2. Their last elements, which fill no vector, are so few
 * beside the others that C2 knows little of them when it compiles a kernel.
 */
class LongRowTwinTest extends TwinTest {

  private static final int ROWS = 2;
  private static final int N = 50_257;

  @Override
  List<Call> calls() {
    Slice losses = Slice.out(Values.ORDINARY, 1, ROWS);
    int shift = losses.offset;
    int[] targets = new int[shift + ROWS];
    targets[shift] = N - 1;
    return List.of(
        Call.of(
            "loss",
            (k, s) -> k.crossEntropy().loss(0, ROWS, s[0].matrix, targets, s[1].array, shift),
            Slice.outRows(Values.ORDINARY, 2, ROWS, N, N),
            losses),
        Call.of(
            "loss and gradient",
            (k, s) ->
                k.crossEntropy()
                    .lossAndGradient(0, ROWS, 1f, 0.01f, s[0].matrix, targets, s[1].array, shift),
            Slice.outRows(Values.ORDINARY, 3, ROWS, N, N),
            losses.copy()),
        softmax("softmax", 1f),
        softmax("softmax of numbers far from each other", 100f),
        Call.of(
            "softmax backward",
            (k, s) ->
                k.softmax()
                    .backward(
                        ROWS,
                        N,
                        1f,
                        s[0].array,
                        s[0].offset,
                        N,
                        s[1].array,
                        s[1].offset,
                        N,
                        s[2].array,
                        s[2].offset,
                        N),
            Slice.inRows(Values.ORDINARY, 4, ROWS, N, N),
            Slice.inRows(Values.ORDINARY, 5, ROWS, N, N),
            Slice.outRows(Values.ORDINARY, 6, ROWS, N, N)));
  }

  private static Call softmax(String name, float scale) {
    return Call.of(
        name,
        (k, s) ->
            k.softmax()
                .forward(ROWS, N, scale, s[0].array, s[0].offset, N, s[1].array, s[1].offset, N),
        Slice.inRows(Values.ORDINARY, 7, ROWS, N, N),
        Slice.outRows(Values.ORDINARY, 8, ROWS, N, N));
  }
}
