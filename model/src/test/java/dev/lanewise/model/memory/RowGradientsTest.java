package dev.lanewise.model.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.scalar.ScalarKernels;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The rows that positions touch, each in one slot, whose gradients begin at zero. */
class RowGradientsTest {

  private static final int COLUMNS = 3;

  /** The row of a token and how far it is in its window; for who reads a table of the window. */
  private record Positioned(Parameter parameter) implements RowTable {

    @Override
    public int row(int[] ids, int at, int before) {
      return 100 * before + ids[at];
    }
  }

  private record Tokens(Parameter parameter) implements RowTable {

    @Override
    public int row(int[] ids, int at, int before) {
      return ids[at];
    }
  }

  private static Parameter parameter(boolean trainable, int columns) {
    return new Parameter(
        "table",
        Shape.of(10_000, columns),
        List.of(columns),
        Role.TABLE,
        Initializer.ZEROS,
        trainable,
        0);
  }

  private static RowGradients tokens(int positions) {
    return new RowGradients(List.of(new Tokens(parameter(true, COLUMNS))), positions);
  }

  private static List<Integer> rows(RowGradients gradients, int table) {
    Integer[] rows = new Integer[gradients.count(table)];
    Arrays.setAll(rows, slot -> gradients.row(table, slot));
    return List.of(rows);
  }

  @Test
  void aRowHasOneSlotInTheOrderOfTheFirstTouch() {
    RowGradients gradients = tokens(8);
    gradients.clear();
    gradients.touch(new int[] {7, 0, 7, 9, 0, 7, 4}, 0, 1, 7, 7);
    assertThat(rows(gradients, 0)).containsExactly(7, 0, 9, 4);
    assertThat(Arrays.copyOf(gradients.slots(0), 7)).containsExactly(0, 1, 0, 2, 1, 0, 3);
  }

  /** From an offset, with ids between windows that are no positions, behind those named before. */
  @Test
  void windowsFollowEachOther() {
    Parameter parameter = parameter(true, COLUMNS);
    RowGradients gradients =
        new RowGradients(List.of(new Tokens(parameter), new Positioned(parameter)), 8);
    gradients.clear();
    int[] ids = {-1, -1, 5, 6, -1, 6, 5, -1};
    gradients.touch(ids, 2, 2, 2, 3);
    gradients.touch(new int[] {8, 5, 9, 9}, 0, 2, 2, 2);

    assertThat(rows(gradients, 0)).containsExactly(5, 6, 8, 9);
    assertThat(gradients.slots(0)).containsExactly(0, 1, 1, 0, 2, 0, 3, 3);
    assertThat(rows(gradients, 1)).containsExactly(5, 106, 6, 105, 8, 9, 109);
    assertThat(gradients.slots(1)).containsExactly(0, 1, 2, 3, 4, 3, 5, 6);
  }

  @Test
  void gradientsOfARowAddUpFromZero() {
    RowGradients gradients = tokens(4);
    int[] ids = {3, 2, 3, 3};
    float[] dy = new float[4 * COLUMNS];
    for (int i = 0; i < dy.length; i++) {
      dy[i] = i + 1;
    }
    for (int step = 0; step < 2; step++) {
      gradients.clear();
      gradients.touch(ids, 0, 1, 4, 4);
      ScalarKernels.create()
          .embedding()
          .scatterAdd(0, 4, gradients.slots(0), Matrix.of(dy, 0, COLUMNS), gradients.gradients(0));
      assertThat(Arrays.copyOf(gradients.gradients(0).data(), 2 * COLUMNS))
          .containsExactly(1 + 7 + 10, 2 + 8 + 11, 3 + 9 + 12, 4, 5, 6);
    }
  }

  @Test
  void whatIsClearedIsForgotten() {
    RowGradients gradients = tokens(4);
    gradients.clear();
    gradients.touch(new int[] {3, 2, 3, 1}, 0, 1, 4, 4);
    gradients.clear();
    assertThat(gradients.count(0)).isZero();
    gradients.touch(new int[] {2, 2}, 0, 1, 2, 2);
    assertThat(rows(gradients, 0)).containsExactly(2);
    assertThat(gradients.slots(0)[1]).isZero();
  }

  /** As many different rows as there is room for, far apart and side by side. */
  @Test
  void manyRowsAreToldApart() {
    SplittableRandom random = new SplittableRandom(5);
    for (int positions : new int[] {1, 2, 63, 64, 65, 1000}) {
      RowGradients gradients = tokens(positions);
      for (int stride : new int[] {1, 128, 1 << 20, 0x7fffffff / 1000, 0}) {
        int[] ids = new int[positions];
        for (int i = 0; i < positions; i++) {
          ids[i] = stride == 0 ? random.nextInt(positions) : i * stride;
        }
        gradients.clear();
        gradients.touch(ids, 0, 1, positions, positions);
        Map<Integer, Integer> expected = new HashMap<>();
        for (int i = 0; i < positions; i++) {
          int slot = expected.computeIfAbsent(ids[i], id -> expected.size());
          assertThat(gradients.slots(0)[i]).isEqualTo(slot);
          assertThat(gradients.row(0, slot)).isEqualTo(ids[i]);
        }
        assertThat(gradients.count(0)).isEqualTo(expected.size());
      }
    }
  }

  @Test
  void aFrozenTableTakesNothing() {
    List<RowTable> tables =
        List.of(new Tokens(parameter(false, COLUMNS)), new Tokens(parameter(true, 5)));
    RowGradients gradients = new RowGradients(tables, 4);
    gradients.clear();
    gradients.touch(new int[] {3, 2, 3, 1}, 0, 1, 4, 4);
    assertThat(rows(gradients, 1)).containsExactly(3, 2, 1);
    assertThat(RowGradients.bytes(tables, 4))
        .isEqualTo(RowGradients.bytes(tables.subList(1, 2), 4));
  }
}
