package dev.lanewise.engine.tensor;

import dev.lanewise.kernels.CacheLine;

/**
 * The activations of one worker: a flat array, cut up once when the model is built. Nothing is
 * allocated while it is used.
 */
public final class Workspace {

  private final float[] data;

  private Workspace(int size) {
    this.data = new float[size];
  }

  /** Begins an empty plan. */
  public static Plan plan() {
    return new Plan();
  }

  /** Returns the flat array that the plan's offsets point into. */
  public float[] data() {
    return data;
  }

  /** Who needs how much of a workspace, and where it lies. */
  public static final class Plan {

    private long size;

    private Plan() {}

    /**
     * Reserves a slice and returns its offset, the start of a {@link CacheLine}.
     *
     * @param name for the message when there is no room
     * @throws IllegalArgumentException if the plan outgrows an array
     */
    public int reserve(String name, long floats) {
      long offset = CacheLine.start(size);
      size = requireRoom(name, offset + floats);
      return (int) offset;
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

    /** Returns the floats that a workspace of this plan takes. */
    public int size() {
      return (int) size;
    }

    /**
     * Allocates a workspace.
     *
     * @param more floats behind those of the plan
     * @throws IllegalArgumentException if that is more than an array holds
     */
    public Workspace allocate(long more) {
      return new Workspace((int) requireRoom("the scratch of all workers", size + more));
    }
  }
}
