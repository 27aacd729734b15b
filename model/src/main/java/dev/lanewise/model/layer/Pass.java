package dev.lanewise.model.layer;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.tensor.Workspace;

/**
 * What one worker's walk through the model reads and writes: weights and panels shared with other
 * workers, gradients and activations of its own. Layers hold offsets into these arrays and no
 * arrays themselves, so one set of layers serves all workers.
 *
 * <p>Rows are positions of sequences, sequence after sequence: row = sequence · time + position.
 *
 * <p>A {@link Team} can make the walk together. Then each member has a pass, is bound and fed
 * alike, and the passes share activations and gradients. An operation computes this member's share:
 * of the rows, where rows do not depend on each other, and a member has the same rows each time.
 * Operations that read more than these rows, or write other parts than these rows, {@link #meet}
 * before and after.
 */
public final class Pass {

  private final Memory memory;
  private final Team team;
  private final int member;
  private final float[] activations;
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
    private final int ownScratch;
    private final int ownScratchSize;

    Memory(Workspace.Plan plan, int scratch, int ownScratch, int ownScratchSize) {
      this.plan = plan;
      this.scratch = scratch;
      this.ownScratch = ownScratch;
      this.ownScratchSize = ownScratchSize;
    }

    /** Returns the bytes of activations of so many teams, which have so many workers in all. */
    public long bytes(int teams, int workers) {
      long extra = (workers - teams) * (long) ownScratchSize;
      return Float.BYTES * ((long) teams * plan.size() + extra);
    }

    /** Allocates a pass of at most that many rows, for one worker. */
    public Pass allocate(int rows) {
      return allocate(rows, Team.alone())[0];
    }

    /** Allocates the passes of a team, one for each member, over the same activations. */
    public Pass[] allocate(int rows, Team team) {
      float[] activations = plan.allocate((team.size() - 1L) * ownScratchSize).data();
      float[] losses = new float[rows];
      Pass[] passes = new Pass[team.size()];
      for (int member = 0; member < passes.length; member++) {
        passes[member] = new Pass(this, team, member, activations, losses);
      }
      return passes;
    }
  }

  private Pass(Memory memory, Team team, int member, float[] activations, float[] losses) {
    this.memory = memory;
    this.team = team;
    this.member = member;
    this.activations = activations;
    this.inputs = new int[losses.length];
    this.targets = new int[losses.length];
    this.losses = losses;
  }

  /** Returns a pass for one worker over the memory of this one, whose team must not be at work. */
  public Pass alone() {
    return new Pass(memory, Team.alone(), 0, activations, losses);
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

  /** Returns room for the loss of each row, shared by the team. */
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

  /** Returns where the scratch of the whole team is in the activations. */
  int scratch() {
    return memory.scratch;
  }

  /** Returns where the scratch of this member alone is in the activations. */
  int ownScratch() {
    return memory.ownScratch + member * memory.ownScratchSize;
  }

  /** Waits until the whole team is here, see {@link Team#meet}. */
  public void meet() {
    team.meet();
  }

  /** Has the team act on its first member's number, see {@link Team#agree}. */
  public int agree(int number) {
    return team.agree(member, number);
  }

  /** Returns whether this is the first member, who does what one has to do for all. */
  public boolean isFirst() {
    return member == 0;
  }

  /** Returns how many make this walk together. */
  int members() {
    return team.size();
  }

  /** Returns where this member's share of n things begins, cut in whole units. */
  public int from(int n, int unit) {
    return team.share(member, n, unit);
  }

  /** Returns where this member's share of n things ends. */
  public int to(int n, int unit) {
    return team.share(member + 1, n, unit);
  }

  /** Returns the first of this member's rows. */
  public int fromRow() {
    return from(rows(), 1);
  }

  /** Returns the end (exclusive) of this member's rows. */
  public int toRow() {
    return to(rows(), 1);
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
