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
  private final List<List<Packing>> packings;
  private final List<PackedMatrix> matrices;

  /** By their numbers, those that are not packed but read as they lie. */
  private final Packing[] unpacked;

  private final PackedMatrix[] tables;
  private final boolean[] held;
  private final ParameterLayout layout;
  private final WorkerPool.Task task = this::pack;
  private ParameterStore weights;

  private WeightPanels(Plan plan, ParameterLayout layout, boolean training, WeightStorage storage) {
    this.matmul = plan.matmul;
    this.layout = layout;
    this.matrices = plan.matrices(training, storage);
    this.held = new boolean[layout.parameters().size()];
    this.tables = new PackedMatrix[held.length];
    List<Piece> cut = new ArrayList<>();
    List<List<Packing>> byIndex = new ArrayList<>();
    for (int i = 0; i < layout.parameters().size(); i++) {
      byIndex.add(new ArrayList<>());
    }
    this.unpacked = new Packing[plan.packings.size()];
    for (Packing packing : plan.packings) {
      if (plan.isPacked(packing, training, storage)) {
        byIndex.get(packing.weight.index()).add(packing);
      } else if (plan.isReadAsItLies(packing, training, storage)) {
        unpacked[packing.number] = packing;
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

  private void hold(Parameter parameter, List<Packing> forms) {
    held[parameter.index()] = true;
    for (Packing form : forms) {
      if (form.transposed && !form.use.isBackward()) {
        tables[parameter.index()] = matrices.get(form.number);
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
    Packing form = packings.get(parameter.index()).getFirst();
    PackedMatrix packed = matrices.get(form.number);
    PackedMatrix transpose = form.transposed ? packed : new PackedTranspose(packed);
    Matrix into = Matrix.of(values, 0, columns);
    matmul.gatherColumns(0, rows, columns, numbers, transpose, into);
  }

  /** Returns the precision in which a parameter is held here alone; null if the store has it. */
  public Precision heldIn(Parameter parameter) {
    return holds(parameter)
        ? matrices.get(packings.get(parameter.index()).getFirst().number).precision()
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
    List<Packing> forms = packings.get(parameter.index());
    for (int i = 0; i < forms.size(); i++) {
      Packing form = forms.get(i);
      PackedMatrix target = matrices.get(form.number);
      if (form.transposed) {
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
    Packing asItLies = unpacked[number];
    return asItLies == null
        ? matrices.get(number)
        : weights.unpacked(asItLies.weight, asItLies.transposed);
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

  /**
   * A packed matrix: the parameter as it lies, or its transpose.
   *
   * @param manyRows whether products have so many rows that they can pack it as they go
   */
  private record Packing(
      int number,
      Use use,
      Parameter weight,
      boolean transposed,
      int rows,
      int columns,
      boolean manyRows) {

    long floats() {
      return (long) rows * columns;
    }
  }

  /** What a packed matrix is for. */
  private enum Use {
    FORWARD,
    BACKWARD,
    /** Of a weight that the backward pass reads as it lies, unless it lies nowhere. */
    BACKWARD_IF_HELD,
    /** Of a table whose rows are looked up, unless they are in the store. */
    TABLE_IF_HELD;

    boolean isBackward() {
      return this == BACKWARD || this == BACKWARD_IF_HELD;
    }
  }

  /** Gives each packed matrix its number. */
  public static final class Plan {

    /** Rows of a product from which on packing its weights is a small part of the work. */
    private static final int MANY_ROWS = 512;

    /** Floats of weights from which on a packed copy, of 256 MB, is worth sparing. */
    static final long LARGE = 1L << 26;

    private final Matmul matmul;
    private final long large;
    private final List<Packing> packings = new ArrayList<>();

    /**
     * Begins a plan.
     *
     * @param large floats of weights from which on a model is large
     */
    Plan(Matmul matmul, long large) {
      this.matmul = matmul;
      this.large = large;
    }

    /** Reserves panels of a weight, or of its transpose, for forward; returns their number. */
    public int forward(Parameter weight, boolean transposed) {
      return add(Use.FORWARD, weight, transposed, 0);
    }

    /**
     * As the other, for products that take scratch: they may be given any {@link PackedMatrix}.
     *
     * @param rows most rows of a product in training
     */
    public int forward(Parameter weight, boolean transposed, int rows) {
      return add(Use.FORWARD, weight, transposed, rows);
    }

    /** Reserves panels of a weight, or of its transpose, for backward; returns their number. */
    public int backward(Parameter weight, boolean transposed) {
      return add(Use.BACKWARD, weight, transposed, 0);
    }

    /**
     * As the other, for products that take scratch: they may be given any {@link PackedMatrix}.
     *
     * @param rows most rows of a product
     */
    public int backward(Parameter weight, boolean transposed, int rows) {
      return add(Use.BACKWARD, weight, transposed, rows);
    }

    /** As {@link #backward}, of a weight that is read as it lies where it is in the store. */
    public int backwardIfHeld(Parameter weight, boolean transposed) {
      return add(Use.BACKWARD_IF_HELD, weight, transposed, 0);
    }

    /** Says that rows of a table are looked up, which then can be held packed alone. */
    public void table(Parameter table) {
      add(Use.TABLE_IF_HELD, table, true, 0);
    }

    private int add(Use use, Parameter weight, boolean transposed, int productRows) {
      int rows = weight.shape().dimension(transposed ? 1 : 0);
      int columns = weight.shape().dimension(transposed ? 0 : 1);
      boolean manyRows = productRows >= MANY_ROWS;
      packings.add(new Packing(packings.size(), use, weight, transposed, rows, columns, manyRows));
      return packings.size() - 1;
    }

    private boolean holds(WeightStorage storage, Parameter parameter) {
      return storage.heldIn(parameter) != null
          && packings.stream().anyMatch(packing -> packing.weight.equals(parameter));
    }

    private boolean isNeeded(Packing packing, boolean training, WeightStorage storage) {
      boolean isHeld = storage.heldIn(packing.weight) != null;
      return switch (packing.use) {
        case FORWARD -> true;
        case BACKWARD -> training;
        case BACKWARD_IF_HELD -> training && isHeld;
        case TABLE_IF_HELD -> isHeld && forwardPanels(packing.weight, true) == null;
      };
    }

    /** The panels of a weight or its transpose for forward; null if there are none. */
    private Packing forwardPanels(Parameter weight, boolean transposed) {
      return packings.stream()
          .filter(
              other ->
                  other.use == Use.FORWARD
                      && other.transposed == transposed
                      && other.weight.equals(weight))
          .findFirst()
          .orElse(null);
    }

    /**
     * The panels whose transpose backward reads, forward's; null for panels of its own. It is as
     * good as another copy, a little slower, and spares memory: of weights that are held, which are
     * most of what such a model takes.
     */
    private Packing transposed(Packing packing, WeightStorage storage) {
      boolean isHeld = storage.heldIn(packing.weight) != null;
      return isHeld && packing.use.isBackward()
          ? forwardPanels(packing.weight, !packing.transposed)
          : null;
    }

    /**
     * Whether products pack a weight block by block as they go: in training, where there are many
     * rows, and weights so large that copies of them count. What is packed by each pass is not
     * packed after each step.
     */
    private boolean isReadAsItLies(Packing packing, boolean training, WeightStorage storage) {
      boolean isHeld = storage.heldIn(packing.weight) != null;
      return training && packing.manyRows && !isHeld && isLarge(storage);
    }

    private boolean isLarge(WeightStorage storage) {
      long floats =
          packings.stream()
              .filter(packing -> packing.manyRows && packing.use == Use.FORWARD)
              .filter(packing -> storage.heldIn(packing.weight) == null)
              .mapToLong(Packing::floats)
              .sum();
      return floats >= large;
    }

    private boolean isPacked(Packing packing, boolean training, WeightStorage storage) {
      return isNeeded(packing, training, storage)
          && transposed(packing, storage) == null
          && !isReadAsItLies(packing, training, storage);
    }

    private List<PackedMatrix> matrices(boolean training, WeightStorage storage) {
      List<PackedMatrix> matrices = new ArrayList<>(matmul.allocate(sizes(training, storage)));
      for (Packing packing : packings) {
        Packing of = transposed(packing, storage);
        if (of != null && training) {
          matrices.set(packing.number, new PackedTranspose(matrices.get(of.number)));
        }
      }
      return List.copyOf(matrices);
    }

    /** Those that are not packed have no columns. */
    private List<PackedMatrix.Size> sizes(boolean training, WeightStorage storage) {
      PackedMatrix.Size none = new PackedMatrix.Size(0, 0);
      return packings.stream()
          .map(
              packing ->
                  isPacked(packing, training, storage)
                      ? size(packing, training, storage.heldIn(packing.weight))
                      : none)
          .toList();
    }

    private static PackedMatrix.Size size(Packing packing, boolean training, Precision heldIn) {
      Parameter weight = packing.weight;
      if (heldIn != null && training && weight.trainable()) {
        throw new IllegalArgumentException(weight.name() + " is trained, so it is in the store");
      }
      Precision precision = heldIn == null ? Precision.F32 : heldIn;
      return new PackedMatrix.Size(packing.rows, packing.columns, precision);
    }

    /** As the other, of weights that are all in the store. */
    public long bytes(boolean training) {
      return bytes(training, WeightStorage.STORED);
    }

    /**
     * Returns the bytes of the panels that {@link #allocate} makes.
     *
     * @param training whether the backward pass will be run too
     */
    public long bytes(boolean training, WeightStorage storage) {
      return matmul.bytes(sizes(training, storage));
    }

    /** Returns the elements of those parameters of a layout that the panels do not hold alone. */
    public long storedFloats(ParameterLayout layout, WeightStorage storage) {
      return layout.parameters().stream()
          .filter(parameter -> !holds(storage, parameter))
          .mapToLong(Parameter::size)
          .sum();
    }

    /** As the other, of weights that are all in the store. */
    public WeightPanels allocate(ParameterLayout layout, boolean training) {
      return allocate(layout, training, WeightStorage.STORED);
    }

    /**
     * Allocates the panels; all matrices must be planned.
     *
     * @param layout of the weights that will be packed
     * @param training whether the backward pass will be run too
     * @param storage which parameters are held in the panels alone
     * @throws IllegalArgumentException if one of them is trained
     */
    public WeightPanels allocate(ParameterLayout layout, boolean training, WeightStorage storage) {
      return new WeightPanels(this, layout, training, storage);
    }
  }
}
