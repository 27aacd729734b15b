package dev.lanewise.model.memory;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.TeamMember;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import java.util.Arrays;
import java.util.List;

/**
 * What one worker's walk through the model reads and writes: weights and panels shared with other
 * workers, gradients and activations of its team, and its own tokens. Layers hold no arrays, so one
 * set of layers serves all workers.
 *
 * <p>A {@link Team} can make the walk together. Then each member has a pass, all of them are given
 * the same, and the passes share activations and gradients. An operation computes this member's
 * part: of the rows, where rows do not depend on each other. Operations that read more than these
 * rows, or write other parts than these rows, begin and end with a {@link #barrier}.
 */
public final class Pass {

  private final TeamMember member;
  private final TeamMemory memory;
  private final Matrix productScratch;
  private final Batch batch;
  private final int[][] rowNumbers;
  private final int[][] numbers;
  private Matrix ownScratch;
  private List<Decoding> texts;
  private ParameterStore weights;
  private WeightPanels panels;
  private ParameterStore gradients;
  private RowGradients rowGradients;
  private int firstPosition;
  private boolean fresh;
  private boolean training;
  private boolean sampling;
  private long seed;
  private int step;
  private long firstRow;

  Pass(
      TeamMember member,
      TeamMemory memory,
      Matrix ownScratch,
      Matrix productScratch,
      Batch batch,
      int[][] rowNumbers,
      int[][] numbers) {
    this.member = member;
    this.memory = memory;
    this.ownScratch = ownScratch;
    this.productScratch = productScratch;
    this.batch = batch;
    this.rowNumbers = rowNumbers;
    this.numbers = numbers;
  }

  /**
   * Returns a pass for one worker over the memory of this one, whose team must not be at work: for
   * forward.
   */
  public Pass alone() {
    Batch own = batch.another();
    int[][] rows = new int[rowNumbers.length][batch.inputs().length];
    int[][] none = new int[0][];
    return new Pass(Team.alone().member(0), memory, ownScratch, productScratch, own, rows, none);
  }

  /**
   * Sets what the pass computes with.
   *
   * @param gradients of the trainable parameters, whatever they hold: the first backward after this
   *     call overwrites them, and those that follow add to them. Null for forward only
   * @throws IllegalArgumentException if there are gradients and the pass was made for inference
   */
  public void bind(ParameterStore weights, WeightPanels panels, ParameterStore gradients) {
    if (gradients != null && !memory.use().hasBackward()) {
      throw new IllegalArgumentException("a pass for inference keeps nothing for gradients");
    }
    this.weights = weights;
    this.panels = panels;
    this.gradients = gradients;
    this.rowGradients = null;
    this.fresh = gradients != null;
  }

  /**
   * Turns dropout on.
   *
   * @param seed the run's seed
   * @param step the optimizer step
   * @param firstRow the number of this pass's first row among all rows of the step
   */
  public void withDropout(long seed, long step, long firstRow) {
    this.training = true;
    this.seed = seed;
    this.step = (int) step;
    this.firstRow = firstRow;
  }

  /** Turns dropout off, and the sampled softmax. */
  public void withoutDropout() {
    this.training = false;
    this.sampling = false;
  }

  /**
   * Says whether the softmax is taken over candidates alone, if the model is planned for that; they
   * are drawn by the random numbers of {@link #withDropout}.
   */
  public void withSampledSoftmax(boolean sampled) {
    this.sampling = sampled;
  }

  /** Returns the tokens. */
  public Batch batch() {
    return batch;
  }

  /** Returns this worker's place in its team. */
  public TeamMember member() {
    return member;
  }

  /** Waits until the whole team is here. */
  public void barrier() {
    member.barrier();
  }

  /** Returns the rows of this pass. */
  public int rows() {
    return batch.rows();
  }

  /** Returns the first of this member's rows. */
  public int fromRow() {
    return member.from(rows(), 1);
  }

  /** Returns the end (exclusive) of this member's rows. */
  public int toRow() {
    return member.to(rows(), 1);
  }

  /** Returns the number of this member's rows. */
  public int ownRows() {
    return toRow() - fromRow();
  }

  /**
   * Takes the next tokens of texts of which keys and values are kept, see {@link Batch#takeNext}.
   */
  public void takeNext(List<Decoding> next, int[] rows, int documents) {
    this.texts = next;
    batch.takeNext(next, rows, documents);
  }

  /** Returns whether the documents are texts of which keys and values are kept. */
  public boolean isDecoding() {
    return texts != null;
  }

  /** Returns what is kept of a document's text; only if the pass {@linkplain #isDecoding does}. */
  public Decoding text(int document) {
    return texts.get(document);
  }

  /** Makes room for the scratch of this member alone, in a pass for decoding. */
  public void reserveOwnScratch(long floats) {
    if (floats > ownScratch.columns()) {
      int size = Math.toIntExact(floats);
      ownScratch = Matrix.row(new float[size], 0, size);
    }
  }

  /** Returns whether backward may follow forward. */
  public boolean keepsForBackward() {
    return memory.use().hasBackward();
  }

  /** Returns whether backward has to run each block again before it, all but the last. */
  public boolean recomputes() {
    return memory.use() == Use.RECOMPUTING;
  }

  /** Returns an activation as a matrix: a row for each row of the pass. */
  public Matrix view(Activation activation) {
    return memory.view(activation);
  }

  /** Fills this member's rows of an activation, which lie one after another, with zeros. */
  public void clear(Activation activation) {
    Matrix rows = view(activation);
    Arrays.fill(rows.data(), rows.offset(fromRow()), rows.offset(toRow()), 0f);
  }

  /** Returns the transpose of an activation. */
  public Matrix transposed(Activation activation) {
    return memory.transposed(activation);
  }

  /** Returns a matrix in the team's scratch. */
  public Matrix scratch(Scratch.Place place) {
    return memory.scratch().matrix(place);
  }

  /** Returns the transpose of a matrix in the team's scratch. */
  public Matrix transposedScratch(Scratch.Place place) {
    return memory.scratch().transposed(place);
  }

  /** Returns a packed matrix in the team's scratch. */
  public PackedMatrix packedScratch(Scratch.Place place) {
    return memory.scratch().packed(place);
  }

  /** Returns the scratch of this member alone, as one row. */
  public Matrix ownScratch() {
    return ownScratch;
  }

  /** Returns the scratch of this member's products. */
  public Matrix productScratch() {
    return productScratch;
  }

  /** Returns room for each row's number in a table, which this member alone uses. */
  public int[] rowNumbers(int table) {
    return rowNumbers[table];
  }

  /**
   * Returns whole numbers that {@link Blueprint#numbers} reserved, which this member alone uses.
   */
  public int[] numbers(int index) {
    return numbers[index];
  }

  /**
   * Sets where gradients of tables go that are trained by row.
   *
   * @param rows that have been named before
   * @param first the number of this pass's first row among the positions that they were named for
   */
  public void bindRows(RowGradients rows, int first) {
    this.rowGradients = rows;
    this.firstPosition = first;
  }

  /** Returns where gradients of tables go that are trained by row; null for nowhere. */
  public RowGradients rowGradients() {
    return rowGradients;
  }

  /** Returns the number of the first row among the positions of {@link #rowGradients}. */
  public int firstPosition() {
    return firstPosition;
  }

  /** Returns room for the loss of each row, shared by the team. */
  public float[] losses() {
    return memory.losses();
  }

  /** Returns a weight as it lies. */
  public Matrix weight(Parameter parameter) {
    return weights.matrix(parameter);
  }

  /** Returns the transpose of a weight. */
  public Matrix transposedWeight(Parameter parameter) {
    return weights.transposed(parameter);
  }

  /** Returns a row of weights, or null if there is no such parameter. */
  public Matrix optionalWeight(Parameter parameter) {
    return parameter == null ? null : weights.matrix(parameter);
  }

  /** Returns the packed weights. */
  public WeightPanels panels() {
    return panels;
  }

  /** Returns a weight as products take it, by the number that {@link PanelPlan} gave it. */
  public PackedMatrix operand(int number) {
    return panels.matrix(number, weights);
  }

  /** Returns the gradient of a parameter. */
  public Matrix gradient(Parameter parameter) {
    return gradients.matrix(parameter);
  }

  /** Returns the gradients of all that is trained. */
  public ParameterStore gradients() {
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

  /** Returns whether dropout is on. */
  public boolean hasDropout() {
    return training;
  }

  /** Returns whether the softmax is taken over candidates alone, if the model can. */
  public boolean hasSampledSoftmax() {
    return sampling;
  }

  /** Returns the seed of dropout. */
  public long seed() {
    return seed;
  }

  /** Returns the optimizer step, low 32 bits. */
  public int step() {
    return step;
  }

  /** Returns the number of the pass's first row among all rows of the step. */
  public long firstRow() {
    return firstRow;
  }
}
