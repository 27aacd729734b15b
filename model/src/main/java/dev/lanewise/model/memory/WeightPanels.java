package dev.lanewise.model.memory;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.PackedTranspose;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.UnpackedMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The weight matrices in packed form, one for each way that products use them. Packed once per
 * optimizer step and shared by all workers. Those of a large model in training are not: its
 * products of many rows pack them block by block, see {@link UnpackedMatrix}.
 *
 * <p>The weights are cut into {@link #pieces}, each of which can be packed as soon as it is known:
 * an optimizer that goes piece by piece packs weights that are still in cache.
 *
 * <p>Weights that do not change can be held here alone, see {@link WeightStorage}: then the store
 * of weights does not have them, and nothing here is packed anew.
 */
public final class WeightPanels {

  private final Matmul matmul;
  private final List<Piece> pieces;
  private final List<List<PanelPlan.Packing>> packings;
  private final List<PackedMatrix> matrices;

  /** By their numbers, those that are not packed but read as they lie. */
  private final PanelPlan.Packing[] unpacked;

  private final PackedMatrix[] tables;
  private final boolean[] held;
  private final ParameterLayout layout;
  private final WorkerPool.Task task = this::pack;
  private ParameterStore weights;

  WeightPanels(PanelPlan plan, ParameterLayout layout, boolean training, WeightStorage storage) {
    this.matmul = plan.matmul();
    this.layout = layout;
    this.matrices = plan.matrices(training, storage);
    this.held = new boolean[layout.parameters().size()];
    this.tables = new PackedMatrix[held.length];
    List<Piece> cut = new ArrayList<>();
    List<List<PanelPlan.Packing>> byIndex = new ArrayList<>();
    for (int i = 0; i < layout.parameters().size(); i++) {
      byIndex.add(new ArrayList<>());
    }
    this.unpacked = new PanelPlan.Packing[plan.packings().size()];
    for (PanelPlan.Packing packing : plan.packings()) {
      if (plan.isPacked(packing, training, storage)) {
        byIndex.get(packing.weight().index()).add(packing);
      } else if (plan.isReadAsItLies(packing, training, storage)) {
        unpacked[packing.number()] = packing;
      }
    }
    for (Parameter parameter : layout.parameters()) {
      if (plan.holds(storage, parameter)) {
        hold(parameter, byIndex.get(parameter.index()));
      } else {
        Piece.cut(parameter, layout.offset(parameter), matmul.columnUnit(), cut);
      }
    }
    this.pieces = List.copyOf(cut);
    this.packings = byIndex.stream().map(List::copyOf).toList();
  }

  private void hold(Parameter parameter, List<PanelPlan.Packing> forms) {
    held[parameter.index()] = true;
    for (PanelPlan.Packing form : forms) {
      if (form.transposed() && !form.use().isBackward()) {
        tables[parameter.index()] = matrices.get(form.number());
      }
    }
  }

  /** Returns whether a parameter is nowhere but here. */
  public boolean holds(Parameter parameter) {
    return held[parameter.index()];
  }

  /** Makes a store for the parameters that are not held here. */
  public ParameterStore newStore() {
    return ParameterStore.of(
        layout, layout.parameters().stream().filter(parameter -> !holds(parameter)).toList());
  }

  /**
   * Returns a table that is held here, as a packed matrix whose columns are the table's rows; null
   * if the store of weights has the table.
   */
  public PackedMatrix table(Parameter parameter) {
    return tables[parameter.index()];
  }

  /**
   * Returns the rows that parts of a parameter are a multiple of which are packed by themselves,
   * see {@link #packHeld}.
   */
  public int rowUnit() {
    return multiple(matmul.columnUnit(), Precision.GROUP);
  }

  private static int multiple(int unit, int of) {
    return Math.ceilDiv(of, unit) * unit;
  }

  /**
   * Packs rows of a parameter that is held here. For several threads at a time, each with another
   * part.
   *
   * @param row the first of the rows, a multiple of {@link #rowUnit}
   * @param rows how many: a multiple too, or all up to the last
   * @param values the rows of the parameter from {@code row} on, one after another
   */
  public void packHeld(Parameter parameter, int row, int rows, float[] values) {
    int columns = parameter.rowSize();
    int all = parameter.size() / columns;
    // As the rows would lie if all of them were there.
    Matrix whole = Matrix.of(values, -row * columns, columns);
    pack(parameter, row, rows, whole, whole.transposed(all));
  }

  /**
   * Reads rows of a parameter that is held here: the opposite of {@link #packHeld}.
   *
   * @param values receives the rows, one after another
   */
  public void readHeld(Parameter parameter, int row, int rows, float[] values) {
    int columns = parameter.rowSize();
    int[] numbers = new int[rows];
    Arrays.setAll(numbers, i -> row + i);
    PanelPlan.Packing form = packings.get(parameter.index()).getFirst();
    PackedMatrix packed = matrices.get(form.number());
    PackedMatrix transpose = form.transposed() ? packed : new PackedTranspose(packed);
    Matrix into = Matrix.of(values, 0, columns);
    matmul.gatherColumns(0, rows, columns, numbers, transpose, into);
  }

  /** Returns the precision in which a parameter is held here alone; null if the store has it. */
  public Precision heldIn(Parameter parameter) {
    return holds(parameter)
        ? matrices.get(packings.get(parameter.index()).getFirst().number()).precision()
        : null;
  }

  /** Returns the pieces, which together are all parameters that are not held here alone. */
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
    pack(
        parameter, piece.row, piece.rows, weights.matrix(parameter), weights.transposed(parameter));
  }

  private void pack(Parameter parameter, int row, int rows, Matrix asItLies, Matrix transposed) {
    List<PanelPlan.Packing> forms = packings.get(parameter.index());
    for (int i = 0; i < forms.size(); i++) {
      PanelPlan.Packing form = forms.get(i);
      PackedMatrix target = matrices.get(form.number());
      if (form.transposed()) {
        // The piece's rows are columns of the packed matrix.
        matmul.pack(target.rows(), transposed, 0, target, 0, row, row + rows);
      } else {
        matmul.pack(rows, asItLies, row, target, row, 0, target.columns());
      }
    }
  }

  /**
   * Returns a matrix by the number that the plan gave it.
   *
   * @param weights the store, where those are that are read as they lie
   */
  PackedMatrix matrix(int number, ParameterStore weights) {
    PanelPlan.Packing asItLies = unpacked[number];
    return asItLies == null
        ? matrices.get(number)
        : weights.unpacked(asItLies.weight(), asItLies.transposed());
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
      int multiple = multiple(unit, FEWEST_ROWS);
      int step = Math.ceilDiv(Math.ceilDiv(SIZE, rowSize), multiple) * multiple;
      for (int row = 0; row < rows; row += step) {
        int count = Math.min(step, rows - row);
        into.add(new Piece(parameter, offset + row * rowSize, count * rowSize, row, count));
      }
    }
  }
}
