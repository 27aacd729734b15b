package dev.lanewise.model.memory;

import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory that a team uses within one operation: any other operation may overwrite it, so all of
 * them begin at the same place.
 */
public final class Scratch {

  private final KernelSet kernels;
  private final List<Slot> slots = new ArrayList<>();
  private long size;

  /** A matrix, or a packed one if it has a size; of no rows where one stands for all. */
  private record Slot(long offset, int columns, int rows, PackedMatrix.Size packed) {}

  /** A matrix in the scratch of a worker's team. */
  public record Place(int index) {}

  Scratch(KernelSet kernels) {
    this.kernels = kernels;
  }

  /** Begins to plan what one operation needs. */
  public Operation operation() {
    return new Operation();
  }

  /** What one operation needs at the same time. */
  public final class Operation {

    private long used;

    private Operation() {}

    /** Reserves a matrix. */
    public Place matrix(long rows, int columns) {
      return add(rows * columns, new Slot(used, columns, (int) rows, null));
    }

    /** Reserves one row, which stands for any number of rows. */
    public Place row(int columns) {
      return add(columns, new Slot(used, columns, 0, null));
    }

    /** Reserves a packed matrix. */
    public Place packed(PackedMatrix.Size packed) {
      return add(kernels.matmul().packedFloats(packed), new Slot(used, 0, 0, packed));
    }

    private Place add(long floats, Slot slot) {
      slots.add(slot);
      used += Math.ceilDiv(floats, (long) CacheLine.FLOATS) * CacheLine.FLOATS;
      size = Math.max(size, used);
      return new Place(slots.size() - 1);
    }
  }

  /** Returns the floats of the operation that needs most. */
  long size() {
    return size;
  }

  /** The scratch of one team. */
  final class Views {

    private final Matrix[] matrices = new Matrix[slots.size()];
    private final Matrix[] transposed = new Matrix[slots.size()];
    private final PackedMatrix[] packed = new PackedMatrix[slots.size()];

    Views(float[] memory, long start) {
      for (int i = 0; i < matrices.length; i++) {
        Slot slot = slots.get(i);
        int offset = (int) (start + slot.offset);
        if (slot.packed == null) {
          matrices[i] =
              slot.rows == 0
                  ? Matrix.row(memory, offset, slot.columns)
                  : Matrix.of(memory, offset, slot.columns);
          transposed[i] = matrices[i].transposed(slot.rows);
        } else {
          packed[i] = kernels.matmul().packedIn(memory, offset, slot.packed);
        }
      }
    }

    Matrix matrix(Place place) {
      return matrices[place.index];
    }

    Matrix transposed(Place place) {
      return transposed[place.index];
    }

    PackedMatrix packed(Place place) {
      return packed[place.index];
    }
  }
}
