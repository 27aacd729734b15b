package dev.lanewise.model.memory;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.MemoryPlan;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;
import java.util.List;

/** The memory of a model's passes, planned but not allocated. */
public final class PassPlan {

  private final MemoryPlan activations;
  private final Scratch scratch;
  private final long trainingScratch;
  private final long inferenceScratch;
  private final int productScratch;
  private final List<Heads> caches;
  private final int rowTables;
  private final int sequences;
  private final int time;
  private final int context;

  PassPlan(
      MemoryPlan activations,
      Scratch scratch,
      long trainingScratch,
      long inferenceScratch,
      int productScratch,
      List<Heads> caches,
      int rowTables,
      int sequences,
      int time,
      int context) {
    this.activations = activations;
    this.scratch = scratch;
    this.trainingScratch = trainingScratch;
    this.inferenceScratch = inferenceScratch;
    this.productScratch = productScratch;
    this.caches = List.copyOf(caches);
    this.rowTables = rowTables;
    this.sequences = sequences;
    this.time = time;
    this.context = context;
  }

  /** Returns the results of layers in the order in which forward computes them. */
  public List<Activation> results() {
    return activations.results();
  }

  /**
   * Returns the bytes of activations and scratch of several teams.
   *
   * @param sequences most sequences of a pass
   * @param workers members of all teams together
   */
  public long bytes(Use use, int sequences, int teams, int workers) {
    MemoryPlan.Layout layout = layout(use, (long) sequences * time);
    return Float.BYTES * (teams * sharedFloats(use, layout) + workers * memberScratch(use));
  }

  private MemoryPlan.Layout layout(Use use, long rows) {
    return activations.layout(use, rows, (long) this.sequences * time);
  }

  private long teamScratch(Use use) {
    return use.hasBackward() ? scratch.size() : 0;
  }

  /** The floats that a team shares, up to where its first member's own begin. */
  private long sharedFloats(Use use, MemoryPlan.Layout layout) {
    return CacheLine.start(CacheLine.start(layout.size()) + teamScratch(use));
  }

  /** Whole cache lines, so that each member's scratch begins at one. */
  private long memberScratch(Use use) {
    long floats = use.hasBackward() ? trainingScratch : inferenceScratch;
    return Math.ceilDiv(floats, (long) CacheLine.FLOATS) * CacheLine.FLOATS;
  }

  /**
   * Allocates the passes of a team, one for each member, over the same activations.
   *
   * @param sequences most sequences of a pass
   */
  public Pass[] allocate(Use use, int sequences, Team team) {
    int rows = Math.multiplyExact(sequences, time);
    return allocate(use, rows, team, memberScratch(use), null);
  }

  /**
   * Returns the bytes of generation, up to a text of that many tokens: memory of one row, and what
   * is kept of the tokens.
   */
  public long decodingBytes(int positions) {
    return Float.BYTES
        * (layout(Use.INFERENCE, 1).size() + Decoding.floats(caches, positions, context));
  }

  /** Allocates the passes of a team for generation: one row at a time, with caches of their own. */
  public Pass[] allocateForDecoding(Team team) {
    Decoding decoding = new Decoding(caches, context);
    return allocate(Use.INFERENCE, 1, team, 0, decoding);
  }

  private Pass[] allocate(Use use, int rows, Team team, long memberScratch, Decoding decoding) {
    MemoryPlan.Layout layout = layout(use, rows);
    long start = CacheLine.start(layout.size());
    long own = sharedFloats(use, layout);
    long more = own + team.size() * memberScratch - layout.size();
    float[] memory = layout.allocate(more);
    TeamMemory shared =
        new TeamMemory(
            use,
            layout.views(memory),
            use.hasBackward() ? scratch.new Views(memory, start) : null,
            new float[rows]);
    Pass[] passes = new Pass[team.size()];
    for (int member = 0; member < passes.length; member++) {
      int offset = (int) (own + member * memberScratch);
      Matrix ownScratch = Matrix.row(memory, offset, (int) memberScratch);
      int[][] numbers = new int[rowTables][rows];
      passes[member] =
          new Pass(
              team.member(member),
              shared,
              ownScratch,
              Matrix.row(new float[productScratch], 0, productScratch),
              new Batch(rows, Math.min(rows, time)),
              numbers,
              decoding);
    }
    return passes;
  }
}
