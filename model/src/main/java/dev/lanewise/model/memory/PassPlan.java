package dev.lanewise.model.memory;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.MemoryPlan;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Heads;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Precision;
import java.util.List;

/** The memory of a model's passes, planned but not allocated. */
public final class PassPlan {

  /**
   * Rows of a text that go through a model at a time: so many that products run as fast as they
   * can, so few that one who asks to stop does not wait long.
   */
  private static final int DECODING_ROWS = 128;

  /** Of a prompt only the last row has logits; of several texts, or of guesses, a few. */
  private static final int DECODING_LOGITS = 16;

  private final MemoryPlan activations;
  private final Scratch scratch;
  private final long trainingScratch;
  private final long inferenceScratch;
  private final Attention attention;
  private final int productScratch;
  private final List<Heads> caches;
  private final int rowTables;
  private final List<Integer> numbers;
  private final int sequences;
  private final int time;
  private final int context;

  PassPlan(
      MemoryPlan activations,
      Scratch scratch,
      long trainingScratch,
      long inferenceScratch,
      Attention attention,
      int productScratch,
      List<Heads> caches,
      int rowTables,
      List<Integer> numbers,
      int sequences,
      int time,
      int context) {
    this.activations = activations;
    this.scratch = scratch;
    this.trainingScratch = trainingScratch;
    this.inferenceScratch = inferenceScratch;
    this.attention = attention;
    this.productScratch = productScratch;
    this.caches = List.copyOf(caches);
    this.rowTables = rowTables;
    this.numbers = List.copyOf(numbers);
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
    return Float.BYTES
        * (teams * sharedFloats(use, layout) + workers * (memberScratch(use) + productScratch));
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
    return allocate(use, rows, team, memberScratch(use), layout(use, rows));
  }

  /** Returns the most rows of a pass that goes on with texts. */
  public int decodingRows() {
    return DECODING_ROWS;
  }

  /** Returns the most rows of which such a pass computes logits at a time. */
  public int decodingLogits() {
    return DECODING_LOGITS;
  }

  /**
   * Returns the bytes of generation: the memory of a pass, and what is kept of the texts.
   *
   * @param texts how many are generated side by side
   * @param positions tokens of each at most
   * @param keyValues the precision of their keys and values
   */
  public long decodingBytes(int texts, int positions, Precision keyValues, int workers) {
    long own = decodingScratch(positions, keyValues) + productScratch;
    return Float.BYTES * (decodingLayout().size() + workers * own)
        + texts * Decoding.bytes(attention, caches, keyValues, positions, context);
  }

  private MemoryPlan.Layout decodingLayout() {
    return activations.layout(
        Use.INFERENCE, decodingRows(), (long) sequences * time, decodingLogits());
  }

  /** Returns the floats of each member's own scratch, for texts up to a length. */
  public long decodingScratch(int positions, Precision keyValues) {
    return caches.stream()
        .distinct()
        .mapToLong(heads -> attention.extendScratch(heads, decodingRows(), positions, keyValues))
        .max()
        .orElse(0);
  }

  /**
   * Makes an empty text for passes that go on with texts.
   *
   * @param keyValues the precision of its keys and values
   */
  public Decoding newDecoding(Precision keyValues) {
    return new Decoding(attention, caches, keyValues, context);
  }

  /** Allocates the passes of a team that go on with texts. */
  public Pass[] allocateForDecoding(Team team) {
    return allocate(Use.INFERENCE, decodingRows(), team, 0, decodingLayout());
  }

  private Pass[] allocate(
      Use use, int rows, Team team, long memberScratch, MemoryPlan.Layout layout) {
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
      int[][] rowNumbers = new int[rowTables][rows];
      passes[member] =
          new Pass(
              team.member(member),
              shared,
              ownScratch,
              Matrix.row(new float[productScratch], 0, productScratch),
              new Batch(rows, Math.min(rows, time)),
              rowNumbers,
              use.hasBackward() ? newNumbers() : new int[0][]);
    }
    return passes;
  }

  private int[][] newNumbers() {
    return numbers.stream().map(int[]::new).toArray(int[][]::new);
  }
}
