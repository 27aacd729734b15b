package dev.lanewise.model.memory;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.kernels.PackedTranspose;
import dev.lanewise.kernels.Precision;
import java.util.ArrayList;
import java.util.List;

/**
 * Which packed matrices the layers of a model want, each with its number, and which of them there
 * are: that depends on whether the model is trained and where its weights lie, see {@link
 * WeightStorage}. {@link WeightPanels} are made by it.
 */
public final class PanelPlan {

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
  PanelPlan(Matmul matmul, long large) {
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

  Matmul matmul() {
    return matmul;
  }

  /** Returns the packed matrices by their numbers. */
  List<Packing> packings() {
    return packings;
  }

  /** Returns whether a parameter is nowhere but in the panels. */
  boolean holds(WeightStorage storage, Parameter parameter) {
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
   * The panels whose transpose backward reads, forward's; null for panels of its own. It is as good
   * as another copy, a little slower, and spares memory: of weights that are held, which are most
   * of what such a model takes.
   */
  private Packing transposed(Packing packing, WeightStorage storage) {
    boolean isHeld = storage.heldIn(packing.weight) != null;
    return isHeld && packing.use.isBackward()
        ? forwardPanels(packing.weight, !packing.transposed)
        : null;
  }

  /**
   * Whether products pack a weight block by block as they go: in training, where there are many
   * rows, and weights so large that copies of them count. What is packed by each pass is not packed
   * after each step.
   */
  boolean isReadAsItLies(Packing packing, boolean training, WeightStorage storage) {
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

  boolean isPacked(Packing packing, boolean training, WeightStorage storage) {
    return isNeeded(packing, training, storage)
        && transposed(packing, storage) == null
        && !isReadAsItLies(packing, training, storage);
  }

  List<PackedMatrix> matrices(boolean training, WeightStorage storage) {
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

  /**
   * A packed matrix: the parameter as it lies, or its transpose.
   *
   * @param manyRows whether products have so many rows that they can pack it as they go
   */
  record Packing(
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
  enum Use {
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
}
