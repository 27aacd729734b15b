package dev.lanewise.model.layer;

import dev.lanewise.engine.tensor.Workspace;

/**
 * What one worker's walk through the model reads and writes: weights and panels shared with other
 * workers, gradients and activations of its own. Layers hold offsets into these arrays and no
 * arrays themselves, so one set of layers serves all workers.
 *
 * <p>Rows are positions of sequences, sequence after sequence: row = sequence · time + position.
 */
public final class Pass {

  private final float[] activations;
  private final int scratch;
  private final int[] inputs;
  private final int[] targets;
  private final float[] losses;
  private float[] weights;
  private WeightPanels panels;
  private float[] gradients;
  private boolean fresh;
  private int sequences;
  private int time;
  private boolean training;
  private long seed;
  private int step;
  private long firstRow;

  /** The memory plan that all passes of a model share. */
  public static final class Memory {

    private final Workspace.Plan plan;
    private final int scratch;

    Memory(Workspace.Plan plan, int scratch) {
      this.plan = plan;
      this.scratch = scratch;
    }

    /** Returns the bytes of activations of one pass. */
    public long bytes() {
      return (long) Float.BYTES * plan.size();
    }

    /** Allocates a pass of at most that many rows. */
    public Pass allocate(int rows) {
      return new Pass(plan.allocate(), scratch, rows);
    }
  }

  private Pass(Workspace workspace, int scratch, int rows) {
    this.activations = workspace.data();
    this.scratch = scratch;
    this.inputs = new int[rows];
    this.targets = new int[rows];
    this.losses = new float[rows];
  }

  /**
   * Sets what the pass computes with.
   *
   * @param gradients a flat array, whatever is in it: the first backward after this call overwrites
   *     it, and those that follow add to it. Null for forward only
   */
  public void bind(float[] weights, WeightPanels panels, float[] gradients) {
    this.weights = weights;
    this.panels = panels;
    this.gradients = gradients;
    this.fresh = gradients != null;
  }

  /**
   * Sets the tokens: {@code sequences} windows of {@code time + 1} ids, one after another. The
   * first {@code time} of a window are inputs, the last {@code time} are targets.
   */
  public void feed(int[] windows, int offset, int sequences, int time) {
    this.sequences = sequences;
    this.time = time;
    for (int s = 0; s < sequences; s++) {
      int window = offset + s * (time + 1);
      System.arraycopy(windows, window, inputs, s * time, time);
      System.arraycopy(windows, window + 1, targets, s * time, time);
    }
  }

  /**
   * Turns dropout on.
   *
   * @param seed the run's seed
   * @param step the optimizer step
   * @param firstRow the number of this pass's first row among all rows of the step
   */
  public void train(long seed, long step, long firstRow) {
    this.training = true;
    this.seed = seed;
    this.step = (int) step;
    this.firstRow = firstRow;
  }

  /** Turns dropout off. */
  public void evaluate() {
    this.training = false;
  }

  /** Returns the rows of this pass. */
  public int rows() {
    return sequences * time;
  }

  /** Returns the sequences of this pass. */
  public int sequences() {
    return sequences;
  }

  /** Returns the positions of each sequence. */
  public int time() {
    return time;
  }

  /** Returns the input ids, row by row. */
  public int[] inputs() {
    return inputs;
  }

  /** Returns the target ids, row by row. */
  public int[] targets() {
    return targets;
  }

  /** Returns room for the loss of each row. */
  public float[] losses() {
    return losses;
  }

  /** Returns the flat weights. */
  public float[] weights() {
    return weights;
  }

  /** Returns the flat gradients. */
  public float[] gradients() {
    return gradients;
  }

  /** Tells that the gradients have been written: from now on backward adds to them. */
  public void gradientsWritten() {
    fresh = false;
  }

  /** Returns whether the gradients are still to be written for the first time. */
  public boolean isFresh() {
    return fresh;
  }

  /** Returns where the chains of a weight gradient start: nowhere, or at the gradient so far. */
  float[] gradientStart() {
    return fresh ? null : gradients;
  }

  /** Returns the activations that offsets of a {@link Blueprint} point into. */
  public float[] activations() {
    return activations;
  }

  float[] forwardPanels() {
    return panels.forward();
  }

  float[] backwardPanels() {
    return panels.backward();
  }

  int scratch() {
    return scratch;
  }

  boolean training() {
    return training;
  }

  long seed() {
    return seed;
  }

  int step() {
    return step;
  }

  long firstRow() {
    return firstRow;
  }
}
