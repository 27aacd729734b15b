package dev.lanewise.model.memory;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.PackedMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * The weight matrices in packed form, one for each way that products use them. Packed once per
 * optimizer step and shared by all workers.
 *
 * <p>The weights are cut into {@link #pieces}, each of which can be packed as soon as it is known:
 * an optimizer that goes piece by piece packs weights that are still in cache.
 */
public final class WeightPanels {

  private final Matmul matmul;
  private final List<Piece> pieces;
  private final List<List<Packing>> packings;
  private final List<PackedMatrix> matrices;
  private final WorkerPool.Task task = this::pack;
  private ParameterStore weights;

  private WeightPanels(Plan plan, ParameterLayout layout, boolean training) {
    this.matmul = plan.matmul;
    this.matrices = plan.matmul.allocate(plan.sizes(training));
    List<Piece> cut = new ArrayList<>();
    List<List<Packing>> byIndex = new ArrayList<>();
    for (int i = 0; i < layout.parameters().size(); i++) {
      byIndex.add(new ArrayList<>());
    }
    for (Packing packing : plan.packings) {
      if (training || !packing.backward) {
        byIndex.get(packing.weight.index()).add(packing);
      }
    }
    for (Parameter parameter : layout.parameters()) {
      Piece.cut(parameter, layout.offset(parameter), matmul.columnUnit(), cut);
    }
    this.pieces = List.copyOf(cut);
    this.packings = byIndex.stream().map(List::copyOf).toList();
  }

  /** Returns the pieces, which together are all parameters, also those that are not packed. */
  public List<Piece> pieces() {
    return pieces;
  }

  /** Packs all weights on the workers of a pool. */
  public void pack(WorkerPool pool, ParameterStore weights) {
    this.weights = weights;
    pool.run(pieces.size(), task);
    this.weights = null;
  }

  private void pack(int index, int worker) {
    pack(pieces.get(index), weights);
  }

  /** Packs a piece of the weights. For several threads at a time, each with another piece. */
  public void pack(Piece piece, ParameterStore weights) {
    Parameter parameter = piece.parameter;
    List<Packing> forms = packings.get(parameter.index());
    for (int i = 0; i < forms.size(); i++) {
      Packing form = forms.get(i);
      PackedMatrix target = matrices.get(form.number);
      if (form.transposed) {
        // The piece's rows are columns of the packed matrix.
        int end = piece.row + piece.rows;
        int k = target.rows();
        matmul.pack(k, weights.transposed(parameter), 0, target, 0, piece.row, end);
      } else {
        int n = target.columns();
        matmul.pack(
            piece.rows, weights.matrix(parameter), piece.row, target, piece.row, 0, n);
      }
    }
  }

  /** Returns a packed matrix by the number that the plan gave it. */
  public PackedMatrix matrix(int number) {
    return matrices.get(number);
  }

  /**
   * Some rows of a parameter.
   *
   * @param parameter a matrix, or a vector as one row
   * @param offset of the first element in the flat weights
   * @param size the number of elements
   * @param row the first row
   * @param rows how many
   */
  public record Piece(Parameter parameter, int offset, int size, int row, int rows) {

    /**
     * About as many floats as a piece has, unless its rows are wide: worth a task, and in cache.
     */
    private static final int SIZE = 1 << 15;

    /** So many rows at least, so that each panel gets a run of whole cache lines. */
    private static final int FEWEST_ROWS = 32;

    private static void cut(Parameter parameter, int offset, int unit, List<Piece> into) {
      int rowSize = parameter.rowSize();
      int rows = parameter.size() / rowSize;
      // Whole panels, where the rows are columns of the packed matrix.
      int multiple = Math.ceilDiv(FEWEST_ROWS, unit) * unit;
      int step = Math.ceilDiv(Math.ceilDiv(SIZE, rowSize), multiple) * multiple;
      for (int row = 0; row < rows; row += step) {
        int count = Math.min(step, rows - row);
        into.add(new Piece(parameter, offset + row * rowSize, count * rowSize, row, count));
      }
    }
  }

  /** A packed matrix: the parameter as it lies, or its transpose. */
  private record Packing(
      int number, boolean backward, Parameter weight, boolean transposed, PackedMatrix.Size size) {}

  /** Gives each packed matrix its number. */
  public static final class Plan {

    private final Matmul matmul;
    private final List<Packing> packings = new ArrayList<>();

    Plan(Matmul matmul) {
      this.matmul = matmul;
    }

    /** Reserves panels of a weight, or of its transpose, for forward; returns their number. */
    public int forward(Parameter weight, boolean transposed) {
      return add(false, weight, transposed);
    }

    /** Reserves panels of a weight, or of its transpose, for backward; returns their number. */
    public int backward(Parameter weight, boolean transposed) {
      return add(true, weight, transposed);
    }

    private int add(boolean backward, Parameter weight, boolean transposed) {
      int rows = weight.shape().dimension(transposed ? 1 : 0);
      int columns = weight.shape().dimension(transposed ? 0 : 1);
      PackedMatrix.Size size = new PackedMatrix.Size(rows, columns);
      packings.add(new Packing(packings.size(), backward, weight, transposed, size));
      return packings.size() - 1;
    }

    /** Those that are not needed have no columns. */
    private List<PackedMatrix.Size> sizes(boolean training) {
      PackedMatrix.Size none = new PackedMatrix.Size(0, 0);
      return packings.stream()
          .map(packing -> training || !packing.backward ? packing.size : none)
          .toList();
    }

    /**
     * Returns the bytes of the panels that {@link #allocate} makes.
     *
     * @param training whether the backward pass will be run too
     */
    public long bytes(boolean training) {
      return matmul.bytes(sizes(training));
    }

    /**
     * Allocates the panels; all matrices must be planned.
     *
     * @param layout of the weights that will be packed
     * @param training whether the backward pass will be run too
     */
    public WeightPanels allocate(ParameterLayout layout, boolean training) {
      return new WeightPanels(this, layout, training);
    }
  }
}
