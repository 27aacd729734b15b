package dev.lanewise.model.layer;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.CacheLine;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Matmul;
import java.util.ArrayList;
import java.util.List;

/**
 * The weight matrices in packed form, one for each way that matmul uses them. Packed once per
 * optimizer step and shared by all workers.
 */
public final class WeightPanels {

  private final Plan plan;
  private final float[] forward;
  private final float[] backward;
  private final WorkerPool.Task task = this::pack;
  private float[] weights;

  private WeightPanels(Plan plan, boolean training) {
    this.plan = plan;
    this.forward = new float[(int) plan.forwardSize];
    this.backward = new float[training ? (int) plan.backwardSize : 0];
  }

  /** Packs all weights, shared out among the workers. */
  public void pack(WorkerPool pool, float[] weights) {
    this.weights = weights;
    pool.run(backward.length > 0 ? plan.parts.size() : plan.forwardParts, task);
    this.weights = null;
  }

  float[] forward() {
    return forward;
  }

  float[] backward() {
    return backward;
  }

  private void pack(int index, int worker) {
    Part part = plan.parts.get(index);
    float[] target = part.backward ? backward : forward;
    if (part.transposed) {
      plan.matmul.packTransposed(
          part.k, part.n, weights, part.weightOffset, part.stride, target, part.panelOffset);
    } else {
      plan.matmul.pack(
          part.k, part.n, weights, part.weightOffset, part.stride, target, part.panelOffset);
    }
  }

  /** A range of panels of one matrix: what one task packs. */
  private record Part(
      boolean backward,
      boolean transposed,
      int k,
      int n,
      int weightOffset,
      int stride,
      int panelOffset) {}

  /** Gives each packed matrix its place. */
  public static final class Plan {

    /** About as many floats as one task packs: enough to be worth a task, few enough to share. */
    private static final int PART = 1 << 16;

    private final Matmul matmul;
    private final List<Part> parts = new ArrayList<>();
    private final List<Part> backwardParts = new ArrayList<>();
    private int forwardParts;
    private long forwardSize;
    private long backwardSize;

    Plan(Matmul matmul) {
      this.matmul = matmul;
    }

    /** Reserves panels of a k × n matrix for the forward pass; returns their offset. */
    int forward(Parameter weight, boolean transposed, int k, int n) {
      long start = CacheLine.start(forwardSize);
      forwardSize = requireRoom(weight, start + matmul.packedSize(k, n));
      int offset = (int) start;
      cut(parts, false, weight, transposed, k, n, offset);
      forwardParts = parts.size();
      return offset;
    }

    /** Reserves panels of a k × n matrix for the backward pass; returns their offset. */
    int backward(Parameter weight, boolean transposed, int k, int n) {
      long start = CacheLine.start(backwardSize);
      backwardSize = requireRoom(weight, start + matmul.packedSize(k, n));
      int offset = (int) start;
      cut(backwardParts, true, weight, transposed, k, n, offset);
      return offset;
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

    private void cut(
        List<Part> into,
        boolean backward,
        Parameter weight,
        boolean transposed,
        int k,
        int n,
        int offset) {
      int width = matmul.panelWidth();
      int columns = Math.max(1, PART / (k * width)) * width;
      for (int j = 0; j < n; j += columns) {
        int from = weight.offset() + (transposed ? j * k : j);
        into.add(
            new Part(
                backward,
                transposed,
                k,
                Math.min(columns, n - j),
                from,
                transposed ? k : n,
                offset + j * k));
      }
    }

    /**
     * Allocates the panels; all matrices must be planned.
     *
     * @param training whether the backward pass will be run too
     */
    public WeightPanels allocate(boolean training) {
      parts.addAll(backwardParts);
      backwardParts.clear();
      return new WeightPanels(this, training);
    }
  }
}
