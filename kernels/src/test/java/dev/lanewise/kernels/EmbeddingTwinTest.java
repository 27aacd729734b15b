package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Embedding look-up and its gradient: scalar and vector. */
class EmbeddingTwinTest extends TwinTest {

  private static final int VOCABULARY = 5;

  /** The first row that is worked on. */
  private static final int ROW = 2;

  /** Of the first rows none; token 3 occurs three times, whose gradients must be added in order. */
  private static final int[] IDS = {-1, -1, 3, 0, 3, 4, 3, 1};

  @Override
  List<Call> calls() {
    List<Call> calls = new ArrayList<>();
    for (Values values : Values.values()) {
      for (int width : SIZES) {
        for (int rows : new int[] {0, 1, 6}) {
          calls.add(gather(values, rows, width));
          calls.add(gatherAdd(values, rows, width));
          calls.add(scatterAdd(values, rows, width));
        }
      }
    }
    return calls;
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "-1, 40", "5, 1", "5, 40", "2147483647, 1", "2147483647, 40"})
  void refusesWhatIsNotInTheTable(int id, int width) {
    Matrix table = Matrix.of(new float[VOCABULARY * width], 0, width);
    Matrix rows = Matrix.of(new float[2 * width], 0, width);
    int[] ids = {0, id};
    for (KernelSet kernels : List.of(SCALAR, VECTOR)) {
      Embedding operation = kernels.embedding();
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> operation.gather(0, 2, ids, table, rows));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> operation.gatherAdd(0, 2, ids, table, rows));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> operation.scatterAdd(0, 2, ids, rows, table));
    }
  }

  private static Call gather(Values values, int rows, int width) {
    return Call.of(
        "gather %dx%d %s".formatted(rows, width, values),
        (k, s) -> k.embedding().gather(ROW, rows, IDS, s[0].matrix, s[1].matrix),
        Slice.inRows(values, width + 1L, VOCABULARY, width, width + 1),
        Slice.outRows(values, width + 3L, ROW + rows, width, width + 2)
            .onlyBlock(ROW, rows, 0, width));
  }

  private static Call gatherAdd(Values values, int rows, int width) {
    return Call.of(
        "gather-add %dx%d %s".formatted(rows, width, values),
        (k, s) -> k.embedding().gatherAdd(ROW, rows, IDS, s[0].matrix, s[1].matrix),
        Slice.inRows(values, width + 1L, VOCABULARY, width, width + 1),
        Slice.outRows(values, width + 3L, ROW + rows, width, width + 2)
            .onlyBlock(ROW, rows, 0, width));
  }

  private static Call scatterAdd(Values values, int rows, int width) {
    return Call.of(
        "scatter-add %dx%d %s".formatted(rows, width, values),
        (k, s) -> k.embedding().scatterAdd(ROW, rows, IDS, s[0].matrix, s[1].matrix),
        Slice.inRows(values, width + 1L, ROW + rows, width, width + 3),
        Slice.outRows(values, width + 2L, VOCABULARY, width, width + 1));
  }
}
