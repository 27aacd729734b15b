package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Embedding look-up and its gradient: scalar and vector. */
class EmbeddingTwinTest extends TwinTest {

  private static final int VOCABULARY = 5;

  /** From index 2; token 3 occurs three times, whose gradients must be added in order. */
  private static final int[] IDS = {-1, -1, 3, 0, 3, 4, 3, 1};

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int width : SIZES) {
        for (int time : new int[] {0, 1, 6}) {
          calls.add(gather(values, time, width));
          calls.add(scatterAdd(values, time, width));
        }
      }
    }
    return calls;
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "-1, 40", "5, 1", "5, 40", "2147483647, 1", "2147483647, 40"})
  void refusesWhatIsNotInTheTable(int id, int width) {
    float[] table = new float[VOCABULARY * width];
    float[] positions = new float[2 * width];
    float[] rows = new float[2 * width];
    int[] ids = {0, id};
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      Embedding operation = kernels.embedding();
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> operation.gather(2, width, ids, 0, 0, table, 0, positions, 0, rows, 0));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(
              () -> operation.scatterAdd(2, width, ids, 0, rows, 0, table, 0, positions, 0));
    }
  }

  private static Call gather(Values values, int time, int width) {
    return Call.of(
        "gather %dx%d %s".formatted(time, width, values),
        (k, s) ->
            k.embedding()
                .gather(
                    time,
                    width,
                    IDS,
                    2,
                    1,
                    s[0].array,
                    s[0].offset,
                    s[1].array,
                    s[1].offset,
                    s[2].array,
                    s[2].offset),
        Slice.in(values, width + 1L, VOCABULARY * width),
        Slice.in(values, width + 2L, (time + 1) * width),
        Slice.out(values, width + 3L, time * width));
  }

  private static Call scatterAdd(Values values, int time, int width) {
    return Call.of(
        "scatter-add %dx%d %s".formatted(time, width, values),
        (k, s) ->
            k.embedding()
                .scatterAdd(
                    time,
                    width,
                    IDS,
                    2,
                    s[0].array,
                    s[0].offset,
                    s[1].array,
                    s[1].offset,
                    s[2].array,
                    s[2].offset),
        Slice.in(values, width + 1L, time * width),
        Slice.out(values, width + 2L, VOCABULARY * width),
        Slice.out(values, width + 3L, time * width));
  }
}
