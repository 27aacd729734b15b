package dev.lanewise.model.layer;

import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.tensor.Activation;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.CrossEntropy;
import dev.lanewise.kernels.Embedding;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.PackedMatrix;
import dev.lanewise.model.memory.Blueprint;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.Scratch;
import java.util.Arrays;

/**
 * The head and the cross-entropy behind it over {@link CandidateTokens} instead of the whole
 * vocabulary: for training alone. The rows of the head that belong to candidates are gathered, the
 * products made with them, and their gradients added where they belong.
 */
final class SampledSoftmax {

  private static final String NAME = "head";

  private final Parameter head;
  private final int width;
  private final int count;
  private final int blockRows;
  private final CandidateTokens candidates;
  private final Matmul matmul;
  private final CrossEntropy kernel;
  private final float inverseTemperature;
  private final Embedding rowKernel;
  private final LayerWork work;
  private final int marks;
  private final int tokens;
  private final int columns;
  private final Activation logits;

  /** The gathered rows, until they are packed; then their gradients. */
  private final Scratch.Place rows;

  private final Scratch.Place added;
  private final Scratch.Place forwardPanels;
  private final Scratch.Place backwardPanels;
  private final WeightProduct product;
  private final WeightProduct inputGradient;
  private final WeightGradient weightGradient;

  /**
   * Makes it.
   *
   * @param head the weight [V, C] of the projection, which is trained
   * @param count candidates: fewer than V, and more than a pass has rows
   * @param choice has the temperature
   * @param blockRows rows of a block of logits
   * @throws IllegalArgumentException if the head is not trained
   */
  SampledSoftmax(
      Blueprint blueprint,
      Parameter head,
      int count,
      CrossEntropyLoss.Choice choice,
      int blockRows) {
    if (!head.trainable()) {
      throw new IllegalArgumentException("a sampled softmax trains the head, and it is frozen");
    }
    this.head = head;
    this.width = head.shape().dimension(1);
    this.count = count;
    this.blockRows = blockRows;
    int vocabularySize = head.shape().dimension(0);
    this.candidates = new CandidateTokens(vocabularySize, count, choice.temperature());
    this.matmul = blueprint.kernels().matmul();
    this.kernel = blueprint.kernels().crossEntropy();
    this.inverseTemperature = choice.inverseTemperature();
    this.rowKernel = blueprint.kernels().embedding();
    this.marks = blueprint.numbers(candidates.marks());
    this.tokens = blueprint.numbers(count);
    this.columns = blueprint.numbers(Math.toIntExact(blueprint.rows()));
    this.logits = blueprint.keptForBackward("sampled logits", blockRows, count);
    Scratch.Operation scratch = blueprint.scratch();
    this.rows = scratch.matrix(count, width);
    this.added = scratch.row(count);
    this.forwardPanels = scratch.packed(new PackedMatrix.Size(width, count));
    this.backwardPanels = scratch.packed(new PackedMatrix.Size(count, width));
    this.product =
        new WeightProduct(blueprint, width, count, pass -> pass.packedScratch(forwardPanels));
    this.inputGradient =
        new WeightProduct(blueprint, count, width, pass -> pass.packedScratch(backwardPanels));
    this.weightGradient =
        new WeightGradient(
            blueprint, scratch, count, width, pass -> pass.scratch(rows), true, blockRows);
    String both = LayerWork.FORWARD + "+" + LayerWork.BACKWARD;
    this.work = LayerWork.products(NAME, both, "matmul, cross entropy, sampled", flopsPerRow());
  }

  /** Multiply-adds per row of forward and backward, counted as two operations each. */
  long flopsPerRow() {
    return 3 * 2L * width * count;
  }

  /** See {@link CrossEntropyLoss#forwardAndBackward}. */
  void forwardAndBackward(Pass pass, float scale, Activation x, Activation dx) {
    LayerEvent event = LayerEvent.start(pass.member());
    pass.barrier();
    int[] numbers = pass.numbers(tokens);
    int[] targets = pass.numbers(columns);
    Matrix shift = pass.scratch(added);
    draw(pass, numbers, targets, shift);
    pack(pass, numbers);
    for (int row = 0; row < pass.rows(); row += blockRows) {
      int block = Math.min(blockRows, pass.rows() - row);
      product.compute(pass, block, pass.view(x), row, shift, pass.view(logits), 0);
      pass.barrier();
      int from = pass.member().from(block, 1);
      int own = pass.member().to(block, 1) - from;
      kernel.lossAndGradient(
          from, own, inverseTemperature, scale, pass.view(logits), targets, pass.losses(), row);
      pass.barrier();
      weightGradient.prepare(pass, block, x, row, logits);
      pass.barrier();
      weightGradient.compute(pass, block, x, logits, row == 0);
      inputGradient.compute(pass, block, pass.view(logits), 0, null, pass.view(dx), row);
      pass.barrier();
    }
    addGradients(pass, numbers);
    LayerEvent.end(event, work, pass.ownRows());
  }

  /** Each member draws for itself, and all of them the same. */
  private void draw(Pass pass, int[] numbers, int[] targets, Matrix shift) {
    candidates.draw(
        pass.batch().targets(),
        pass.rows(),
        pass.seed(),
        pass.step(),
        pass.firstRow(),
        pass.numbers(marks),
        numbers,
        shift.data(),
        shift.offset(),
        targets);
  }

  private void pack(Pass pass, int[] numbers) {
    Matrix gathered = pass.scratch(rows);
    int first = pass.member().from(count, 1);
    int end = pass.member().to(count, 1);
    rowKernel.gather(first, end - first, numbers, pass.weight(head), gathered);
    pass.barrier();
    int unit = matmul.columnUnit();
    PackedMatrix forward = pass.packedScratch(forwardPanels);
    matmul.pack(
        width,
        pass.transposedScratch(rows),
        0,
        forward,
        0,
        pass.member().from(count, unit),
        pass.member().to(count, unit));
    PackedMatrix backward = pass.packedScratch(backwardPanels);
    matmul.pack(
        count,
        gathered,
        0,
        backward,
        0,
        pass.member().from(width, unit),
        pass.member().to(width, unit));
    pass.barrier();
  }

  /** Adds this member's candidates' gradients, and first clears its rows in a fresh pass. */
  private void addGradients(Pass pass, int[] numbers) {
    Matrix gradient = pass.gradient(head);
    if (pass.isFresh()) {
      int vocabularySize = head.shape().dimension(0);
      int from = gradient.offset(pass.member().from(vocabularySize, 1));
      int to = gradient.offset(pass.member().to(vocabularySize, 1));
      Arrays.fill(gradient.data(), from, to, 0f);
      pass.barrier();
    }
    int first = pass.member().from(count, 1);
    int end = pass.member().to(count, 1);
    rowKernel.scatterAdd(first, end - first, numbers, pass.scratch(rows), gradient);
    pass.barrier();
  }
}
