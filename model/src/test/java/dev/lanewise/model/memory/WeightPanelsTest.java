package dev.lanewise.model.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.PackedFloats;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.vector.VectorKernels;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Weights packed piece by piece are the weights packed at once. */
class WeightPanelsTest {

  private static final Matmul MATMUL = VectorKernels.create().matmul();

  /** Of several pieces, the last of them smaller, and no multiple of a panel either way. */
  private static final int ROWS = 1203;

  private static final int COLUMNS = 71;

  private final Blueprint blueprint =
      new Blueprint(VectorKernels.create(), 1, 1, 1, name -> true, Adaptation.NONE);
  private final Parameter vector =
      blueprint.parameter("vector", Role.GAIN, Initializer.ONES, 100_000);
  private final Parameter matrix =
      blueprint.parameter("matrix", Role.HIDDEN, Initializer.ZEROS, ROWS, COLUMNS);
  private final int asItLies = blueprint.panels().forward(matrix, false);
  private final int transposed = blueprint.panels().backward(matrix, true);
  private final ParameterLayout layout = blueprint.layout();
  private final ParameterStore weights = random(layout);

  @Test
  void piecesAreWholeRowsOfAllParameters() {
    int next = 0;
    for (WeightPanels.Piece piece : blueprint.panels().allocate(layout, true).pieces()) {
      assertThat(piece.offset()).isEqualTo(next);
      next += piece.size();
      Parameter parameter = piece.parameter();
      assertThat(next).isLessThanOrEqualTo(layout.offset(parameter) + parameter.size());
      if (parameter.equals(matrix)) {
        assertThat(piece.size() % COLUMNS).isZero();
        assertThat(piece.size()).isLessThan(matrix.size());
      } else {
        assertThat(piece.size()).isEqualTo(vector.size());
      }
    }
    assertThat(next).isEqualTo(layout.size());
  }

  @Test
  void piecesMakeUpThePackedMatrix() {
    PackedMatrix forward = allocate(ROWS, COLUMNS);
    PackedMatrix backward = allocate(COLUMNS, ROWS);
    MATMUL.pack(ROWS, weights.matrix(matrix), 0, forward, 0, 0, COLUMNS);
    MATMUL.pack(COLUMNS, weights.transposed(matrix), 0, backward, 0, 0, ROWS);

    WeightPanels panels = blueprint.panels().allocate(layout, true);
    try (WorkerPool pool = new WorkerPool(3)) {
      panels.pack(pool, weights);
    }
    assertThat(floats(panels.matrix(asItLies, weights))).isEqualTo(floats(forward));
    assertThat(floats(panels.matrix(transposed, weights))).isEqualTo(floats(backward));
    assertThat(floats(forward)).hasSizeGreaterThanOrEqualTo(ROWS * COLUMNS);
  }

  private static PackedMatrix allocate(int rows, int columns) {
    return MATMUL.allocate(List.of(new PackedMatrix.Size(rows, columns))).getFirst();
  }

  private static float[] floats(PackedMatrix packed) {
    PackedFloats panels = (PackedFloats) packed;
    int end = panels.offset() + (int) (packed.bytes() / Float.BYTES);
    return Arrays.copyOfRange(panels.data(), panels.offset(), end);
  }

  @Test
  void withoutTrainingThereIsNoBackward() {
    WeightPanels panels = blueprint.panels().allocate(layout, false);
    try (WorkerPool pool = new WorkerPool(1)) {
      panels.pack(pool, weights);
    }
    assertThat(floats(panels.matrix(transposed, weights))).isEmpty();
    assertThat(floats(panels.matrix(asItLies, weights)))
        .hasSizeGreaterThanOrEqualTo(ROWS * COLUMNS);
    assertThat(blueprint.panels().bytes(true)).isGreaterThan(blueprint.panels().bytes(false));
  }

  @Test
  void productsOfManyRowsReadALargeModelAsItLies() {
    PanelPlan plan = new PanelPlan(MATMUL, matrix.size());
    int forward = plan.forward(matrix, false, 512);
    int backward = plan.backward(matrix, true, 512);
    int ofFewRows = plan.forward(matrix, false, 511);
    long copy = 4L * matrix.size();
    assertThat(plan.bytes(true)).isBetween(copy, 2 * copy);
    assertThat(plan.bytes(false)).isGreaterThan(2 * copy);

    WeightPanels panels = plan.allocate(layout, true);
    assertThat(panels.matrix(forward, weights)).isSameAs(weights.unpacked(matrix, false));
    assertThat(panels.matrix(backward, weights)).isSameAs(weights.unpacked(matrix, true));
    assertThat(panels.matrix(ofFewRows, weights)).isInstanceOf(PackedFloats.class);
    assertThat(plan.allocate(layout, false).matrix(forward, weights))
        .isInstanceOf(PackedFloats.class);
  }

  @Test
  void aSmallModelIsPacked() {
    PanelPlan plan = new PanelPlan(MATMUL, matrix.size() + 1);
    int forward = plan.forward(matrix, false, 512);
    assertThat(plan.allocate(layout, true).matrix(forward, weights))
        .isInstanceOf(PackedFloats.class);
  }

  private static ParameterStore random(ParameterLayout layout) {
    SplittableRandom random = new SplittableRandom(1);
    ParameterStore store = new ParameterStore(layout);
    for (int i = 0; i < layout.size(); i++) {
      store.data()[i] = (float) random.nextDouble(-1, 1);
    }
    return store;
  }
}
