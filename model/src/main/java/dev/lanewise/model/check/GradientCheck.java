package dev.lanewise.model.check;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.RowGradients;
import dev.lanewise.model.memory.WeightPanels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.IntUnaryOperator;

/**
 * Compares the gradients of a {@link Transformer}, computed in float32 by explicit backward passes,
 * with central differences of {@link ReferenceTransformer}, which is float64 and has no backward
 * pass: the two share nothing but the numbers of the random streams.
 *
 * <p>An analytic gradient a and a numeric one n agree if |a − n| / max(|a|, |n|, {@link #FLOOR}) is
 * at most {@link #TOLERANCE}.
 */
public final class GradientCheck {

  /** Most relative error of a gradient that is right. */
  public static final double TOLERANCE = 1e-3;

  /**
   * The least magnitude that errors are taken relative to: a hundredth of an ordinary gradient of
   * the models checked. An element of a gradient is a sum of terms of both signs that are rounded
   * to float32, and comes out 3e-8 off at worst, however near zero its true value is. (Zero it is
   * for a key's bias, which shifts all scores of a query alike.) The floor lets 1e-7 pass.
   */
  public static final double FLOOR = 1e-4;

  /**
   * How far a weight is moved either way. The difference quotient is wrong by about EPSILON² of the
   * third derivative and by 1e-15 / EPSILON from rounding of the loss: both about 1e-10.
   */
  public static final double EPSILON = 1e-5;

  /** Elements checked in a tensor, or all if there are fewer. */
  public static final int ELEMENTS = 24;

  private static final int SEQUENCES = 3;
  private static final int STEP = 3;
  private static final int TOKENS = 0;
  private static final int WEIGHTS = 1;
  private static final int CHOICE = 2;
  private static final int LENGTHS = 3;

  private final TransformerConfig config;
  private final KernelSet kernels;
  private final Use use;
  private final long seed;
  private final int[] ids;
  private final int[] targets;
  private final int[] lengths;
  private final Adaptation adaptation;

  private GradientCheck(
      TransformerConfig config,
      Adaptation adaptation,
      KernelSet kernels,
      Use use,
      int[] lengths,
      long seed) {
    this.config = config;
    this.adaptation = adaptation;
    this.kernels = kernels;
    this.use = use;
    this.seed = seed;
    this.lengths = lengths;
    int rows = SEQUENCES * config.contextLength();
    this.ids = new int[rows];
    this.targets = new int[rows];
    RandomStream random = random(seed, TOKENS);
    int row = 0;
    for (int length : lengths) {
      int next = random.nextInt(config.vocabularySize());
      for (int end = row + length; row < end; row++) {
        ids[row] = next;
        next = random.nextInt(config.vocabularySize());
        targets[row] = next;
      }
    }
  }

  private static int[] evenLengths(TransformerConfig config) {
    int[] lengths = new int[SEQUENCES];
    Arrays.fill(lengths, config.contextLength());
    return lengths;
  }

  /** Lengths of documents that fill as many rows: the shortest, the longest, and what comes. */
  private static int[] randomLengths(TransformerConfig config, long seed) {
    int longest = config.contextLength();
    RandomStream random = random(seed, LENGTHS);
    List<Integer> lengths = new ArrayList<>(List.of(1, longest));
    int left = (SEQUENCES - 1) * longest - 1;
    while (left > 0) {
      int length = 1 + random.nextInt(Math.min(left, longest));
      lengths.add(length);
      left -= length;
    }
    return lengths.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * What was found in one parameter tensor.
   *
   * @param checked elements compared
   * @param worst the element with the greatest relative error, in row-major order
   * @param analytic its gradient by backward
   * @param numeric its gradient by differences
   * @param relativeError its error by the formula above; NaN if a gradient is not a number
   * @param largest the greatest gradient seen, by magnitude: a check of zeros alone says little
   */
  public record Result(
      String name,
      Shape shape,
      int checked,
      int worst,
      double analytic,
      double numeric,
      double relativeError,
      double largest) {

    /** Whether all elements agree. */
    public boolean passed() {
      return relativeError <= TOLERANCE;
    }
  }

  /**
   * What was found in a model.
   *
   * @param loss of the checked model
   * @param referenceLoss the same by the reference
   */
  public record Report(
      TransformerConfig config, double loss, double referenceLoss, List<Result> results) {

    /** Copies the list. */
    public Report {
      results = List.copyOf(results);
    }

    /** Whether all tensors agree. */
    public boolean passed() {
      return results.stream().allMatch(Result::passed);
    }

    /** Returns the greatest relative error of all tensors; NaN if there is a NaN. */
    public double largestError() {
      return results.stream().mapToDouble(Result::relativeError).reduce(0, Math::max);
    }
  }

  /**
   * Checks a model on random weights and tokens. Takes time in proportion to the square of its
   * size: keep it small.
   *
   * @param config its dropout, if any, is on
   * @param seed of weights, tokens, dropout and the choice of elements
   */
  public static Report run(TransformerConfig config, KernelSet kernels, long seed) {
    return run(config, kernels, Use.TRAINING, seed);
  }

  /**
   * As the other one, by a pass in memory laid out as that.
   *
   * @param use one that has a backward
   */
  public static Report run(TransformerConfig config, KernelSet kernels, Use use, long seed) {
    return runAdapted(config, Adaptation.NONE, kernels, use, seed);
  }

  /** As the other one, of what is added to weights, which then are not trained themselves. */
  public static Report runAdapted(
      TransformerConfig config, Adaptation adaptation, KernelSet kernels, Use use, long seed) {
    return new GradientCheck(config, adaptation, kernels, use, evenLengths(config), seed).run();
  }

  /**
   * As the other one, on documents of different lengths that lie in the rows one after another, of
   * which only some targets count.
   */
  static Report runPacked(TransformerConfig config, KernelSet kernels, long seed) {
    int[] lengths = randomLengths(config, seed);
    GradientCheck check =
        new GradientCheck(config, Adaptation.NONE, kernels, Use.TRAINING, lengths, seed);
    int row = 0;
    for (int length : lengths) {
      row += length;
      check.targets[row - 1] = length == 1 ? check.targets[row - 1] : Batch.UNCOUNTED;
    }
    return check.run();
  }

  private Report run() {
    Transformer model =
        new Transformer(config, kernels, SEQUENCES, config.contextLength(), adaptation);
    ParameterStore weights = randomWeights(model);
    ParameterStore gradients = ParameterStore.ofTrainable(model.layout());
    RowGradients rows = new RowGradients(model.rowTables(), ids.length);
    rows.touchDocuments(ids, 0, lengths, 0, lengths.length);
    double loss = analytic(model, weights, gradients, rows);
    double[] wide = new double[weights.data().length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = weights.data()[i];
    }
    double referenceLoss = new Differences(model, wide).loss();
    RandomStream choice = random(seed, CHOICE);
    List<Elements> checked = new ArrayList<>();
    for (Parameter parameter : gradients.parameters()) {
      FloatTensor gradient = gradients.tensor(parameter);
      int[] chosen = choose(parameter.size(), choice);
      checked.add(new Elements(parameter, chosen, element -> element, gradient::get));
    }
    for (int table = 0; table < model.rowTables().size(); table++) {
      if (model.rowTables().get(table).parameter().trainable()) {
        checked.add(touched(model.rowTables().get(table).parameter(), rows, table, choice));
      }
    }
    // Nearly all of the time is the reference's, on one thread for each of its weights.
    List<Result> results =
        checked.parallelStream()
            .map(elements -> check(elements, model, new Differences(model, wide.clone())))
            .toList();
    return new Report(config, loss, referenceLoss, results);
  }

  /**
   * What is checked of a parameter.
   *
   * @param chosen numbers of elements
   * @param places where each element lies in the parameter
   */
  @SuppressWarnings("ArrayRecordComponent") // Compared by nobody.
  private record Elements(
      Parameter parameter, int[] chosen, IntUnaryOperator places, IntToDoubleFunction gradients) {}

  /** Of a table that is trained by row, some of the rows that the batch touches. */
  private static Elements touched(
      Parameter table, RowGradients rows, int number, RandomStream choice) {
    int columns = table.rowSize();
    Matrix gradients = rows.gradients(number);
    return new Elements(
        table,
        choose(rows.count(number) * columns, choice),
        element -> rows.row(number, element / columns) * columns + element % columns,
        element -> gradients.data()[gradients.offset(element / columns) + element % columns]);
  }

  /** One of each of as many equal parts of so many elements as are checked. */
  private static int[] choose(int count, RandomStream choice) {
    int[] chosen = new int[Math.min(ELEMENTS, count)];
    for (int i = 0; i < chosen.length; i++) {
      int from = (int) ((long) count * i / chosen.length);
      int to = (int) ((long) count * (i + 1) / chosen.length);
      chosen[i] = from + choice.nextInt(to - from);
    }
    return chosen;
  }

  /**
   * Weights as after training: at the initial ones, biases and attention scores are all but zero,
   * and much that may be wrong would not show.
   */
  private ParameterStore randomWeights(Transformer model) {
    ParameterStore weights = new ParameterStore(model.layout());
    RandomStream random = random(seed, WEIGHTS);
    for (Parameter parameter : model.layout().parameters()) {
      FloatTensor tensor = weights.tensor(parameter);
      boolean gain = parameter.role() == Role.GAIN;
      for (int i = 0; i < tensor.size(); i++) {
        tensor.set(i, (float) ((gain ? 1 : 0) + 0.2 * random.nextGaussian()));
      }
    }
    return weights;
  }

  /** Writes the gradients of the mean loss, and returns the mean loss. */
  private double analytic(
      Transformer model, ParameterStore weights, ParameterStore gradients, RowGradients rows) {
    WeightPanels panels = model.newPanels(true);
    try (WorkerPool pool = new WorkerPool(1)) {
      panels.pack(pool, weights);
    }
    Pass pass = model.newPasses(use, Team.alone())[0];
    pass.bind(weights, panels, gradients);
    pass.bindRows(rows, 0);
    pass.batch().takeDocuments(ids, targets, 0, lengths, 0, lengths.length);
    pass.withDropout(seed, STEP, 0);
    pass.withSampledSoftmax(config.loss().sampled() > 0);
    int counted = pass.batch().counted();
    return model.lossAndGradients(pass, 1f / counted) / counted;
  }

  private static Result check(Elements checked, Transformer model, Differences differences) {
    int offset = model.layout().offset(checked.parameter);
    int worst = 0;
    double worstNumeric = 0;
    double worstError = -1;
    double largest = 0;
    for (int element : checked.chosen) {
      double numeric = differences.at(offset + checked.places.applyAsInt(element));
      double error = relativeError(checked.gradients.applyAsDouble(element), numeric);
      largest = Math.max(largest, Math.abs(numeric));
      // A NaN wins, and stays.
      if (!(error <= worstError) && !Double.isNaN(worstError)) {
        worst = element;
        worstNumeric = numeric;
        worstError = error;
      }
    }
    return new Result(
        checked.parameter.name(),
        checked.parameter.shape(),
        checked.chosen.length,
        checked.places.applyAsInt(worst),
        checked.gradients.applyAsDouble(worst),
        worstNumeric,
        worstError,
        largest);
  }

  /** The reference on weights of its own, which it moves a little and moves back. */
  private final class Differences {

    private final double[] weights;
    private final ReferenceTransformer reference;

    Differences(Transformer model, double[] weights) {
      this.weights = weights;
      ReferenceTransformer exact =
          new ReferenceTransformer(config, model.layout(), weights)
              .adaptedBy(adaptation)
              .inTraining(seed, STEP);
      this.reference =
          config.loss().sampled() > 0
              ? exact.withSampledSoftmax(SEQUENCES * config.contextLength())
              : exact;
    }

    double loss() {
      return reference.loss(ids, targets, lengths);
    }

    double at(int index) {
      double weight = weights[index];
      weights[index] = weight + EPSILON;
      double above = loss();
      weights[index] = weight - EPSILON;
      double below = loss();
      weights[index] = weight;
      return (above - below) / (2 * EPSILON);
    }
  }

  static double relativeError(double analytic, double numeric) {
    double magnitude = Math.max(FLOOR, Math.max(Math.abs(analytic), Math.abs(numeric)));
    return Math.abs(analytic - numeric) / magnitude;
  }

  private static RandomStream random(long seed, int use) {
    return new RandomStream(seed, RandomStream.DIAGNOSTICS, use);
  }
}
