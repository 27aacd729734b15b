package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.Collectives;
import dev.lanewise.engine.cluster.RankShards;
import dev.lanewise.engine.parallel.Shards;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.RowGradients;
import dev.lanewise.model.memory.RowTable;
import dev.lanewise.trainer.optim.Glide;
import dev.lanewise.trainer.optim.LearningRateSchedule;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.settings.OptimizerSettings;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.token.PassTokens;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Trains tables by row: a step reads, and changes, only the rows that its tokens name, and takes
 * time by token. Adam's momentum goes on moving a row after the step that touched it; that is made
 * up for when the row is next touched ({@link Glide}).
 *
 * <p>The rows of a step are in order of their numbers, whichever shard touches them. A row's
 * gradients are added by the tree of {@link dev.lanewise.engine.parallel.ReductionTree}, where
 * shards that did not touch it are passed over. So neither the number of workers nor the rows that
 * rest show in the result.
 *
 * <p>Who looks at the model {@link #settle settles} the tables first: then each row is where its
 * momentum has brought it, and rows that still move are remembered as they were, for the next step
 * to go on from. So looking changes nothing, and a checkpoint is a settled state.
 */
final class TableTraining {

  private static final int BLOCK = 32;

  private final TrainedTable[] trained;
  private final int[] firstBlocks;
  private final RowGradients[] gradients;
  private final Settings settings;
  private final Glide glide;
  private final AdamWUpdate.Step scalars = new AdamWUpdate.Step();
  private final TableState state;
  private final double[] squares;
  private final WorkerPool.Task catchUpTask = this::catchUp;
  private final WorkerPool.Task reduceTask = this::reduce;
  private final WorkerPool.Task updateTask = this::update;
  private int blocks;
  private boolean settled;

  /**
   * Makes the training of all tables of a model that are trained by row; there may be none.
   *
   * @param weights trained in place
   */
  TableTraining(
      Settings settings,
      LearningRateSchedule schedule,
      Transformer transformer,
      KernelSet kernels,
      Shards shards,
      ParameterStore weights) {
    List<RowTable> tables = transformer.rowTables();
    List<Parameter> parameters = transformer.layout().tables();
    this.settings = settings;
    this.glide = parameters.isEmpty() ? null : new Glide(settings, schedule);
    this.state = new TableState(settings, parameters);
    this.gradients = new RowGradients[parameters.isEmpty() ? 0 : shards.count()];
    for (int s = 0; s < gradients.length; s++) {
      gradients[s] = new RowGradients(tables, TableState.positions(settings, shards.largest()));
    }
    this.trained = new TrainedTable[parameters.size()];
    this.firstBlocks = new int[parameters.size()];
    float epsilon = (float) settings.optimizer().epsilon();
    int next = 0;
    int mostBlocks = 0;
    for (int number = 0; number < tables.size(); number++) {
      Parameter table = tables.get(number).parameter();
      if (table.trainedByRow()) {
        int ofStep = TableState.positions(settings, settings.step().batch());
        int most = Math.min(ofStep, TableState.rows(table));
        trained[next++] =
            new TrainedTable(
                number, table, gradients, weights, state, most, epsilon, glide, kernels);
        mostBlocks += Math.ceilDiv(most, BLOCK);
      }
    }
    this.squares = new double[mostBlocks];
  }

  /** Returns the bytes of tables' state, and of their rows' gradients. */
  static long bytes(Settings settings, Transformer transformer, int copies) {
    List<Parameter> parameters = transformer.layout().tables();
    if (parameters.isEmpty()) {
      return 0;
    }
    Shards shards = Trainer.shards(settings);
    int positions = TableState.positions(settings, shards.largest());
    int ofStep = TableState.positions(settings, settings.step().batch());
    long numbers = 0;
    for (Parameter table : parameters) {
      int rows = TableState.rows(table);
      numbers += rows + (5L + shards.count()) * Math.min(ofStep, rows);
    }
    return Float.BYTES * (copies * TableState.floats(settings, parameters) + numbers)
        + shards.count() * RowGradients.bytes(transformer.rowTables(), positions);
  }

  /** Returns whether there is anything to train. */
  boolean isEmpty() {
    return gradients.length == 0;
  }

  /** Returns what is remembered of the tables; as of a settled state it belongs to a checkpoint. */
  List<OptimizerState> state() {
    return isEmpty() ? List.of() : state.stores();
  }

  /** Returns where a shard's gradients go, or null if there are no tables. */
  RowGradients gradients(int shard) {
    return isEmpty() ? null : gradients[shard];
  }

  /** Names the rows that a shard of windows touches. For several shards at a time. */
  void touch(int shard, int from, int to, PassTokens tokens) {
    RowGradients rows = gradients[shard];
    rows.clear();
    for (int micro = 0; micro < tokens.microBatches(); micro++) {
      tokens.touch(rows, micro, from, to - from);
    }
  }

  /**
   * Brings the rows of a step, which have been named, to where their momentum has moved them.
   *
   * @param step counted from 0
   */
  void begin(WorkerPool pool, long step) {
    unsettle();
    glide.begin(step);
    blocks = 0;
    for (int i = 0; i < trained.length; i++) {
      trained[i].collect(step);
      firstBlocks[i] = blocks;
      blocks += Math.ceilDiv(trained[i].count(), BLOCK);
    }
    pool.run(blocks, catchUpTask);
  }

  /** The table that a block is of: the last that begins no later, as one may have no rows. */
  private int table(int block) {
    int number = trained.length - 1;
    while (firstBlocks[number] > block) {
      number--;
    }
    return number;
  }

  private void catchUp(int block, int worker) {
    int number = table(block);
    TrainedTable table = trained[number];
    int from = (block - firstBlocks[number]) * BLOCK;
    for (int i = from; i < Math.min(from + BLOCK, table.count()); i++) {
      table.catchUp(i);
    }
  }

  /** Gives all ranks the gradients of the rows that the step touches, which all have named. */
  void exchange(Collectives collectives, RankShards ranks) {
    for (int shard = 0; shard < gradients.length; shard++) {
      for (TrainedTable table : trained) {
        Matrix rows = gradients[shard].gradients(table.number());
        long floats = (long) gradients[shard].count(table.number()) * rows.columns();
        MemorySegment all = MemorySegment.ofArray(rows.data());
        collectives.broadcast(ranks.rankOf(shard), all.asSlice(0, Float.BYTES * floats));
      }
    }
  }

  /** Adds the shards' gradients and returns the sum of squares, in order of the rows. */
  double reduce(WorkerPool pool) {
    if (isEmpty()) {
      return 0;
    }
    pool.run(blocks, reduceTask);
    double sum = 0;
    for (int block = 0; block < blocks; block++) {
      sum += squares[block];
    }
    return sum;
  }

  private void reduce(int block, int worker) {
    int number = table(block);
    TrainedTable table = trained[number];
    int from = (block - firstBlocks[number]) * BLOCK;
    double sum = 0;
    for (int i = from; i < Math.min(from + BLOCK, table.count()); i++) {
      sum += table.reduce(i);
    }
    squares[block] = sum;
  }

  /** Changes the rows by their gradients. */
  void update(WorkerPool pool, long t, double learningRate, double gradientScale) {
    if (isEmpty()) {
      return;
    }
    OptimizerSettings optimizer = settings.optimizer();
    scalars.set(
        learningRate, optimizer.beta1(), settings.beta2(), optimizer.epsilon(), gradientScale, t);
    pool.run(blocks, updateTask);
  }

  private void update(int block, int worker) {
    int number = table(block);
    TrainedTable table = trained[number];
    int from = (block - firstBlocks[number]) * BLOCK;
    for (int i = from; i < Math.min(from + BLOCK, table.count()); i++) {
      table.update(scalars, i);
    }
  }

  /**
   * Moves all rows to where their momentum has brought them, until the next step begins.
   *
   * @param steps how many there have been
   */
  void settle(long steps) {
    if (settled || isEmpty()) {
      return;
    }
    glide.begin(steps);
    for (TrainedTable table : trained) {
      table.settle();
    }
    settled = true;
  }

  private void unsettle() {
    if (!settled) {
      return;
    }
    for (TrainedTable table : trained) {
      table.unsettle();
    }
    settled = false;
  }

  /**
   * Says that the state is now that of a checkpoint, which is a settled one, and the weights are to
   * be.
   *
   * @param steps how many there have been
   * @param sameRates whether they had the learning rates of this training's schedule; otherwise
   *     rows go on moving from where they are, because how far they have come is not made up for
   *     again by other rates
   * @throws IllegalArgumentException if no training comes to such a state; it says why
   */
  void restored(long steps, boolean sameRates) {
    for (TrainedTable table : trained) {
      table.requireSound(steps);
    }
    settled = true;
    if (!sameRates && !isEmpty()) {
      glide.begin(steps);
      for (TrainedTable table : trained) {
        table.moveOn(steps);
      }
    }
  }

  /** Returns the first table whose gradient is not finite, or null. */
  String firstBadGradient() {
    for (TrainedTable table : trained) {
      int row = table.firstBadGradient();
      if (row >= 0) {
        return "the gradient of row %d of %s (backward)".formatted(row, table.name());
      }
    }
    return null;
  }
}
