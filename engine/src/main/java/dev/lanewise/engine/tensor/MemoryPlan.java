package dev.lanewise.engine.tensor;

import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Matrix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which activations there are and where they lie: planned once when a model is built, allocated
 * once for each team of workers. Nothing is allocated while the memory is used.
 *
 * <p>A plan can be laid out in several ways, see {@link Use}. For training every activation that
 * backward does not compute again has a place of its own. Where nothing is kept for a backward
 * pass, or backward computes it again, the layers between {@link #beginBlock} and {@link #endBlock}
 * use the memory of the first block again.
 */
public final class MemoryPlan {

  /** The offset of what has no room. */
  private static final int ABSENT = -1;

  private final List<Region> regions = new ArrayList<>();
  private final Map<String, Region> buffers = new HashMap<>();
  private final List<Activation> results = new ArrayList<>();
  private final List<Activation> activations = new ArrayList<>();
  private final List<Slice> slices = new ArrayList<>();
  private int block = -1;
  private int place = -1;

  /** How long the numbers of a region are needed. */
  private enum Life {
    /** From forward to backward. */
    STATE,
    /** While a block of rows is computed. */
    BLOCK,
    /** From forward to backward, where forward alone has no use for them. */
    FOR_BACKWARD,
    /** While a block is computed, forward or backward. */
    REPEATED,
    /** As a state, and what backward begins from where it computes the block again. */
    BLOCK_OUTPUT
  }

  /** Memory that is reserved. */
  private static final class Region {

    private final String name;
    private final int index;
    private final long rows;
    private int columns;
    private final Life life;

    /** The number of the block that it belongs to, -1 if none, and its place in the block. */
    private final int block;

    private final int place;

    Region(String name, int index, long rows, int columns, Life life, int block, int place) {
      this.name = name;
      this.index = index;
      this.rows = rows;
      this.columns = columns;
      this.life = life;
      this.block = block;
      this.place = place;
    }

    boolean hasRoom(Use use) {
      return life != Life.FOR_BACKWARD || use.hasBackward();
    }

    /** Whether it lies where the first block has the like of it. */
    boolean isShared(Use use) {
      return switch (use) {
        case TRAINING -> block > 0 && life == Life.REPEATED;
        case RECOMPUTING -> block > 0 && life != Life.BLOCK_OUTPUT;
        case INFERENCE -> block > 0;
      };
    }
  }

  /** What an activation shows of a region. */
  private record Slice(Region region, int from, int stride) {}

  /** Begins an empty plan. */
  public MemoryPlan() {}

  /** Reserves the result of a layer, which keeps its value from forward to backward. */
  public Activation result(String name, long rows, int columns) {
    return addResult(name, rows, columns, Life.STATE);
  }

  /**
   * Reserves the result of a layer that backward computes again: all blocks have it in one place.
   */
  public Activation repeatedResult(String name, long rows, int columns) {
    return addResult(name, rows, columns, Life.REPEATED);
  }

  /** Reserves the result of a block, from which the next one begins. */
  public Activation blockOutput(String name, long rows, int columns) {
    return addResult(name, rows, columns, Life.BLOCK_OUTPUT);
  }

  private Activation addResult(String name, long rows, int columns, Life life) {
    Activation activation = add(name, rows, columns, life);
    results.add(activation);
    return activation;
  }

  /** Reserves numbers that only their layer understands, kept from forward to backward. */
  public Activation state(String name, long rows, int columns) {
    return add(name, rows, columns, Life.STATE);
  }

  /** Reserves what is computed a block of rows at a time. */
  public Activation block(String name, long rows, int columns) {
    return add(name, rows, columns, Life.BLOCK);
  }

  /** As {@link #state}, where forward alone has no use for it: there is no room for inference. */
  public Activation keptForBackward(String name, long rows, int columns) {
    return add(name, rows, columns, Life.FOR_BACKWARD);
  }

  private Activation add(String name, long rows, int columns, Life life) {
    boolean inBlock = place >= 0;
    int number = inBlock ? block : -1;
    Region region =
        new Region(name, regions.size(), rows, columns, life, number, inBlock ? place++ : 0);
    regions.add(region);
    return view(name, region, 0, columns, columns);
  }

  /**
   * Reserves room that layers use in turn: all buffers of one name lie in the same place, each as
   * rows of its own columns.
   */
  public Activation buffer(String name, long rows, int columns) {
    Region region = buffers.get(name);
    if (region == null) {
      region = new Region(name, regions.size(), rows, columns, Life.STATE, -1, 0);
      regions.add(region);
      buffers.put(name, region);
    }
    if (region.rows != rows) {
      throw new IllegalArgumentException("buffer " + name + " has " + region.rows + " rows");
    }
    region.columns = Math.max(region.columns, columns);
    return view(name, region, 0, columns, columns);
  }

  /** Returns some columns of an activation as one of their own. */
  public Activation columns(Activation of, int from, int count) {
    Slice slice = slices.get(of.index());
    return view(of.name(), slice.region, slice.from + from, count, slice.stride);
  }

  private Activation view(String name, Region region, int from, int columns, int stride) {
    Activation activation = new Activation(activations.size(), name, columns);
    activations.add(activation);
    slices.add(new Slice(region, from, stride));
    return activation;
  }

  /** Says that the activations reserved next are those of the next of several like blocks. */
  public void beginBlock() {
    block++;
    place = 0;
  }

  /** Says that the block is complete. */
  public void endBlock() {
    place = -1;
  }

  /** Returns the results of layers in the order in which forward computes them. */
  public List<Activation> results() {
    return List.copyOf(results);
  }

  /** How the plan is laid out. */
  public enum Use {
    /** For forward and backward. */
    TRAINING,
    /**
     * For forward and backward in less memory: of a block only its output is kept, and backward
     * runs it again. What it computed lies where that of all other blocks does.
     */
    RECOMPUTING,
    /** For forward alone. */
    INFERENCE;

    /** Returns whether backward may follow forward. */
    public boolean hasBackward() {
      return this != INFERENCE;
    }
  }

  /**
   * Lays the plan out.
   *
   * @param rows rows of a pass that there is to be room for
   * @param ofRows rows of a pass that the plan was made with
   * @throws IllegalArgumentException if that is more than an array holds, or blocks are not alike
   *     whose memory would be the same
   */
  public Layout layout(Use use, long rows, long ofRows) {
    return layout(use, rows, ofRows, 0);
  }

  /**
   * As {@link #layout(Use, long, long)}, with another number of rows of what is computed a {@link
   * #block} at a time.
   */
  public Layout layout(Use use, long rows, long ofRows, long blockRows) {
    int[] offsets = new int[regions.size()];
    Region[] firstBlock = new Region[regions.size()];
    long size = 0;
    for (int i = 0; i < offsets.length; i++) {
      Region region = regions.get(i);
      if (!region.hasRoom(use)) {
        offsets[i] = ABSENT;
        continue;
      }
      if (region.isShared(use)) {
        Region first = firstBlock[region.place];
        requireAlike(first, region);
        offsets[i] = offsets[first.index];
        continue;
      }
      long start = CacheLine.start(size);
      size =
          requireRoom(region.name, start + rows(region, rows, ofRows, blockRows) * region.columns);
      offsets[i] = (int) start;
      if (region.block == 0) {
        firstBlock[region.place] = region;
      }
    }
    return new Layout(offsets, size);
  }

  private static void requireAlike(Region first, Region region) {
    if (first == null || first.rows != region.rows || first.columns != region.columns) {
      throw new IllegalArgumentException(
          region.name + " is not like what the first block has in its place");
    }
  }

  /** Rows of the whole pass are cut in proportion; a block of fewer rows is whole if it fits. */
  private static long rows(Region region, long rows, long ofRows, long blockRows) {
    if (region.life == Life.BLOCK && blockRows > 0) {
      return blockRows;
    }
    return region.rows < ofRows
        ? Math.min(region.rows, rows)
        : Math.ceilDiv(region.rows * rows, ofRows);
  }

  private static long requireRoom(String name, long floats) {
    if (floats > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "the activations of one pass up to "
              + name
              + " need "
              + floats
              + " floats, more than an array holds; shorten the context, or make the model smaller");
    }
    return floats;
  }

  /** Where everything lies. */
  public final class Layout {

    private final int[] offsets;
    private final long size;

    private Layout(int[] offsets, long size) {
      this.offsets = offsets;
      this.size = size;
    }

    /** Returns the floats that the activations take. */
    public long size() {
      return size;
    }

    /**
     * Allocates memory.
     *
     * @param more floats behind those of the plan, for whatever use
     * @throws IllegalArgumentException if that is more than an array holds
     */
    public float[] allocate(long more) {
      return new float[(int) requireRoom("the scratch of all workers", size + more)];
    }

    /** Returns a view of each activation, by its index; null for what has no room. */
    public Matrix[] views(float[] memory) {
      Matrix[] views = new Matrix[activations.size()];
      for (int i = 0; i < views.length; i++) {
        Slice slice = slices.get(i);
        int offset = offsets[slice.region.index];
        if (offset != ABSENT) {
          int columns = activations.get(i).columns();
          views[i] = Matrix.of(memory, offset + slice.from, columns, slice.stride);
        }
      }
      return views;
    }
  }
}
