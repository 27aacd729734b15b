package dev.lanewise.model.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.vector.VectorKernels;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Weights packed piece by piece are the weights packed at once. */
class WeightPanelsTest {

  private static final Matmul MATMUL = VectorKernels.create().matmul();

  /** Of several pieces, the last of them smaller, and no multiple of a panel either way. */
  private static final int ROWS = 1203;

  private static final int COLUMNS = 71;

  private final Blueprint blueprint = new Blueprint(VectorKernels.create(), 1, 1);
  private final Parameter vector = blueprint.parameter("vector", 100_000);
  private final Parameter matrix = blueprint.parameter("matrix", ROWS, COLUMNS);
  private final int asItLies = blueprint.panels().forward(matrix, false, ROWS, COLUMNS);
  private final int transposed = blueprint.panels().backward(matrix, true, COLUMNS, ROWS);
  private final ParameterLayout layout = blueprint.layout();
  private final float[] weights = random(layout.size());

  @Test
  void piecesAreWholeRowsOfAllParameters() {
    int next = 0;
    for (WeightPanels.Piece piece : blueprint.panels().allocate(layout, true).pieces()) {
      assertThat(piece.offset()).isEqualTo(next);
      next += piece.size();
      Parameter parameter = piece.parameter();
      assertThat(next).isLessThanOrEqualTo(parameter.offset() + parameter.size());
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
    float[] forward = new float[MATMUL.packedSize(ROWS, COLUMNS)];
    float[] backward = new float[MATMUL.packedSize(COLUMNS, ROWS)];
    MATMUL.pack(ROWS, COLUMNS, weights, matrix.offset(), COLUMNS, forward, 0);
    MATMUL.packTransposed(COLUMNS, ROWS, weights, matrix.offset(), COLUMNS, backward, 0);

    WeightPanels panels = blueprint.panels().allocate(layout, true);
    try (WorkerPool pool = new WorkerPool(3)) {
      panels.pack(pool, weights);
    }
    assertThat(Arrays.copyOfRange(panels.forward(), asItLies, asItLies + forward.length))
        .isEqualTo(forward);
    assertThat(Arrays.copyOfRange(panels.backward(), transposed, transposed + backward.length))
        .isEqualTo(backward);
  }

  @Test
  void withoutTrainingThereIsNoBackward() {
    WeightPanels panels = blueprint.panels().allocate(layout, false);
    try (WorkerPool pool = new WorkerPool(1)) {
      panels.pack(pool, weights);
    }
    assertThat(panels.backward()).isEmpty();
    assertThat(blueprint.panels().bytes(true)).isGreaterThan(blueprint.panels().bytes(false));
  }

  private static float[] random(int n) {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return values;
  }
}
