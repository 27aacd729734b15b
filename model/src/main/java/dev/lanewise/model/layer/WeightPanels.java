package dev.lanewise.model.layer;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.CacheLine;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.kernels.Matmul;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The weight matrices in packed form, one for each way that matmul uses them, but for those that
 * {@link InputGradient} reads as they lie. Packed once per optimizer step and shared by all
 * workers.
 *
 * <p>The weights are cut into {@link #pieces}, each of which can be packed as soon as it is known:
 * an optimizer that goes piece by piece packs weights that are still in cache.
 */
public final class WeightPanels {

  private final Matmul matmul;
  private final List<Piece> pieces;
  private final List<List<Packing>> packings;
  private final float[] forward;
  private final float[] backward;
  private final WorkerPool.Task task = this::pack;
  private float[] weights;

  private WeightPanels(Plan plan, ParameterLayout layout, boolean training) {
    this.matmul = plan.matmul;
    this.forward = new float[(int) plan.forwardSize];
    this.backward = new float[training ? (int) plan.backwardSize : 0];
    if (!layout.parameters().containsAll(plan.packings.keySet())) {
      throw new IllegalArgumentException("a matrix that is to be packed is not in the layout");
    }
    List<Piece> cut = new ArrayList<>();
    List<List<Packing>> byIndex = new ArrayList<>();
    for (Parameter parameter : layout.parameters()) {
      Piece.cut(parameter, matmul.panelWidth(), cut);
      List<Packing> all = plan.packings.getOrDefault(parameter, List.of());
      byIndex.add(all.stream().filter(packing -> training || !packing.backward).toList());
    }
    this.pieces = List.copyOf(cut);
    this.packings = List.copyOf(byIndex);
  }

  /** Returns the pieces, which together are all parameters, also those that are not packed. */
  public List<Piece> pieces() {
    return pieces;
  }

  /** Packs all weights, shared out among the workers. */
  public void pack(WorkerPool pool, float[] weights) {
    this.weights = weights;
    pool.run(pieces.size(), task);
    this.weights = null;
  }

  private void pack(int index, int worker) {
    pack(pieces.get(index), weights);
  }

  /** Packs a piece of the weights. For several threads at a time, each with another piece. */
  public void pack(Piece piece, float[] weights) {
    List<Packing> forms = packings.get(piece.parameter().index());
    for (int i = 0; i < forms.size(); i++) {
      Packing form = forms.get(i);
      float[] target = form.backward ? backward : forward;
      if (form.transposed) {
        packColumns(piece, form, weights, target);
      } else {
        packRows(piece, form, weights, target);
      }
    }
  }

  /** The piece's rows are rows of the packed matrix: a part of every panel. */
  private void packRows(Piece piece, Packing form, float[] weights, float[] target) {
    int n = form.n;
    int width = matmul.panelWidth();
    int first = (piece.offset - piece.parameter.offset()) / n;
    for (int j = 0; j < n; j += width) {
      int to = form.panelOffset + j * form.k + first * width;
      matmul.pack(piece.size / n, Math.min(width, n - j), weights, piece.offset + j, n, target, to);
    }
  }

  /** The piece's rows are columns of the packed matrix: a range of panels. */
  private void packColumns(Piece piece, Packing form, float[] weights, float[] target) {
    int k = form.k;
    int to = form.panelOffset + piece.offset - piece.parameter.offset();
    matmul.packTransposed(k, piece.size / k, weights, piece.offset, k, target, to);
  }

  float[] forward() {
    return forward;
  }

  float[] backward() {
    return backward;
  }

  /**
   * Some rows of a parameter.
   *
   * @param parameter a matrix, or a vector as one row
   * @param offset of the first element in the flat weights
   * @param size the number of elements
   */
  public record Piece(Parameter parameter, int offset, int size) {

    /**
     * About as many floats as a piece has, unless its rows are wide: worth a task, and in cache.
     */
    private static final int SIZE = 1 << 15;

    /** So many rows at least, so that each panel gets a run of whole cache lines. */
    private static final int FEWEST_ROWS = 32;

    private static void cut(Parameter parameter, int panelWidth, List<Piece> into) {
      int rows = parameter.isMatrix() ? parameter.shape().dimension(0) : 1;
      int rowSize = parameter.size() / rows;
      // Whole panels, where the rows are columns of the packed matrix.
      int multiple = Math.ceilDiv(FEWEST_ROWS, panelWidth) * panelWidth;
      int step = Math.ceilDiv(Math.ceilDiv(SIZE, rowSize), multiple) * multiple;
      for (int row = 0; row < rows; row += step) {
        int size = Math.min(step, rows - row) * rowSize;
        into.add(new Piece(parameter, parameter.offset() + row * rowSize, size));
      }
    }
  }

  /** A k × n matrix in packed form: the parameter, or its transpose. */
  private record Packing(boolean backward, boolean transposed, int k, int n, int panelOffset) {}

  /** Gives each packed matrix its place. */
  public static final class Plan {

    private final Matmul matmul;
    private final Map<Parameter, List<Packing>> packings = new HashMap<>();
    private long forwardSize;
    private long backwardSize;

    Plan(Matmul matmul) {
      this.matmul = matmul;
    }

    /** Reserves panels of a k × n matrix for the forward pass; returns their offset. */
    int forward(Parameter weight, boolean transposed, int k, int n) {
      long start = CacheLine.start(forwardSize);
      forwardSize = requireRoom(weight, start + matmul.packedSize(k, n));
      return add(weight, new Packing(false, transposed, k, n, (int) start));
    }

    /** Reserves panels of a k × n matrix for the backward pass; returns their offset. */
    int backward(Parameter weight, boolean transposed, int k, int n) {
      long start = CacheLine.start(backwardSize);
      backwardSize = requireRoom(weight, start + matmul.packedSize(k, n));
      return add(weight, new Packing(true, transposed, k, n, (int) start));
    }

    private int add(Parameter weight, Packing packing) {
      packings.computeIfAbsent(weight, w -> new ArrayList<>()).add(packing);
      return packing.panelOffset;
    }

    private static long requireRoom(Parameter weight, long floats) {
      if (floats > Integer.MAX_VALUE - 8) {
        throw new IllegalArgumentException(
            "the packed weights up to %s take %d floats, more than one array holds (2^31); make the model smaller"
                .formatted(weight.name(), floats));
      }
      return floats;
    }

    /**
     * Returns the bytes of the panels that {@link #allocate} makes.
     *
     * @param training whether the backward pass will be run too
     */
    public long bytes(boolean training) {
      return Float.BYTES * (forwardSize + (training ? backwardSize : 0));
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
