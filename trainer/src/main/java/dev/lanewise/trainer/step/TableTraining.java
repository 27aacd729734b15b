package dev.lanewise.trainer.step;

import dev.lanewise.engine.parallel.Shards;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Initializer;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.AdamWUpdate;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Reduction;
import dev.lanewise.kernels.RowAdam;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.RowGradients;
import dev.lanewise.model.memory.RowTable;
import dev.lanewise.trainer.optim.Glide;
import dev.lanewise.trainer.optim.LearningRateSchedule;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.settings.OptimizerSettings;
import dev.lanewise.trainer.settings.Settings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Trains tables by row: a step reads, and changes, only the rows that its tokens name, and takes
 * time by token. Adam's momentum goes on moving a row after the step that touched it; that is made
 * up for when the row is next touched ({@link Glide}).
 *
 * <p>The rows of a step are in the order in which its shards, one after another, first touch them.
 * A row's gradients are added by the tree of {@link dev.lanewise.engine.parallel.ReductionTree},
 * where shards that did not touch it are passed over. So neither the number of workers nor the rows
 * that rest show in the result.
 *
 * <p>Who looks at the model {@link #settle settles} the tables first: then each row is where its
 * momentum has brought it, and rows that still move are remembered as they were, for the next step
 * to go on from. So looking changes nothing, and a checkpoint is a settled state.
 */
final class TableTraining {

  private static final int BLOCK = 32;

  /** Steps that a float counts. */
  private static final long MOST_STEPS = 1 << 24;

  private final List<RowTable> tables;
  private final Table[] trained;
  private final RowGradients[] gradients;
  private final Reduction reduction;
  private final RowAdam kernel;
  private final float epsilon;
  private final OptimizerSettings settings;
  private final Glide glide;
  private final AdamWUpdate.Step scalars = new AdamWUpdate.Step();
  private final ParameterStore firstMoment;
  private final ParameterStore secondMoment;
  private final ParameterStore touchedAt;
  private final ParameterStore moving;
  private final ParameterStore movingRows;
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
    this.tables = transformer.rowTables();
    this.settings = settings.resolvedOptimizer();
    this.reduction = kernels.reduction();
    this.kernel = kernels.rowAdam();
    this.epsilon = (float) settings.optimizer().epsilon();
    this.glide = new Glide(this.settings, schedule);
    List<Parameter> parameters = transformer.layout().tables();
    if (!parameters.isEmpty() && settings.step().steps() > MOST_STEPS) {
      throw new IllegalArgumentException(
          "tables of n-grams are trained in at most %d steps".formatted(MOST_STEPS));
    }
    int positions = positions(settings, shards.largest());
    int ofStep = positions(settings, settings.step().batch());
    this.firstMoment = store(parameters, parameter -> parameter.size() / parameter.rowSize(), true);
    this.secondMoment = firstMoment.emptyCopy();
    this.touchedAt = store(parameters, parameter -> parameter.size() / parameter.rowSize(), false);
    this.moving = store(parameters, parameter -> mostMoving(settings, parameter), true);
    this.movingRows = store(parameters, parameter -> mostMoving(settings, parameter), false);
    this.gradients = new RowGradients[parameters.isEmpty() ? 0 : shards.count()];
    for (int s = 0; s < gradients.length; s++) {
      gradients[s] = new RowGradients(tables, positions);
    }
    this.trained = new Table[tables.size()];
    int most = 0;
    for (int i = 0; i < trained.length; i++) {
      Parameter parameter = tables.get(i).parameter();
      if (parameter.trainedByRow()) {
        int rows = parameter.size() / parameter.rowSize();
        int touched = Math.min(ofStep, rows);
        trained[i] = new Table(i, parameter, weights.matrix(parameter), touched, shards.count());
        most += Math.ceilDiv(touched, BLOCK);
      }
    }
    this.squares = new double[most];
  }

  /** The rows of one table that the step touches. */
  private final class Table {

    private final int number;
    private final Matrix weights;
    private final Matrix m;
    private final Matrix v;
    private final float[] at;
    private final int atOffset;
    private final Matrix moving;
    private final float[] movingRows;
    private final int movingOffset;
    private final int mostMoving;
    private final int allRows;
    private final int shards;
    private final int[] places;
    private final int[] rows;
    private final int[] slots;
    private final float[] distance;
    private final float[] keepM;
    private final float[] keepV;
    private int count;
    private int firstBlock;

    Table(int number, Parameter parameter, Matrix weights, int most, int shards) {
      String name = parameter.name();
      this.number = number;
      this.weights = weights;
      this.m = firstMoment.matrix(firstMoment.layout().parameter(name));
      this.v = secondMoment.matrix(firstMoment.layout().parameter(name));
      this.at = touchedAt.data();
      this.atOffset = touchedAt.tensor(name).offset();
      this.moving =
          TableTraining.this.moving.matrix(TableTraining.this.moving.layout().parameter(name));
      this.movingRows = TableTraining.this.movingRows.data();
      this.movingOffset = TableTraining.this.movingRows.tensor(name).offset();
      this.mostMoving = TableTraining.this.movingRows.tensor(name).size();
      this.allRows = parameter.size() / parameter.rowSize();
      this.shards = shards;
      this.places = new int[allRows];
      this.rows = new int[most];
      this.slots = new int[Math.multiplyExact(most, shards)];
      this.distance = new float[most];
      this.keepM = new float[most];
      this.keepV = new float[most];
    }

    /** Collects the rows of all shards, and how far they have to be moved. */
    void collect(long step) {
      count = 0;
      for (int s = 0; s < shards; s++) {
        int touched = gradients[s].count(number);
        for (int slot = 0; slot < touched; slot++) {
          int row = gradients[s].row(number, slot);
          int place = places[row];
          if (place >= count || rows[place] != row) {
            place = count++;
            places[row] = place;
            rows[place] = row;
            Arrays.fill(slots, place * shards, (place + 1) * shards, -1);
          }
          slots[place * shards + s] = slot;
        }
      }
      for (int i = 0; i < count; i++) {
        long touched = Math.abs((long) at[atOffset + rows[i]]);
        boolean fresh = touched == 0 || touched == step;
        distance[i] = fresh ? 0 : glide.distance(touched);
        keepM[i] = fresh ? 1 : glide.keepM(touched);
        keepV[i] = fresh ? 1 : glide.keepV(touched);
        at[atOffset + rows[i]] = step;
      }
    }

    void catchUp(int i) {
      if (keepV[i] != 1 || keepM[i] != 1) {
        kernel.glide(distance[i], keepM[i], keepV[i], epsilon, rows[i], weights, m, v);
      }
    }

    /** Adds a row's gradients in the order of the tree, and returns the sum of squares. */
    double reduce(int i) {
      int n = weights.columns();
      int first = i * shards;
      // Which shard's memory holds the sum that has come to a place of the tree.
      for (int s = 0; s < shards; s++) {
        slots[first + s] = slots[first + s] < 0 ? -1 : slots[first + s] * shards + s;
      }
      for (int stride = 1; stride < shards; stride *= 2) {
        for (int s = 0; s + stride < shards; s += 2 * stride) {
          int right = slots[first + s + stride];
          int left = slots[first + s];
          if (left < 0) {
            slots[first + s] = right;
          } else if (right >= 0) {
            reduction.add(n, data(right), offset(right), data(left), offset(left));
          }
        }
      }
      int sum = slots[first];
      return reduction.sumOfSquares(n, data(sum), offset(sum));
    }

    private float[] data(int place) {
      return gradients[place % shards].gradients(number).data();
    }

    private int offset(int place) {
      return gradients[place % shards].gradients(number).offset(place / shards);
    }

    void update(int i) {
      int sum = slots[i * shards];
      Matrix gradient = gradients[sum % shards].gradients(number);
      kernel.update(scalars, rows[i], weights, m, v, sum / shards, gradient);
      at[atOffset + rows[i]]++;
    }

    void settle() {
      int next = 0;
      for (int row = 0; row < allRows; row++) {
        float when = at[atOffset + row];
        // Zero if never touched, negative if it rests where it is.
        if (when <= 0 || glide.missed((long) when) == 0) {
          continue;
        }
        long touched = (long) when;
        boolean rests = glide.rests(touched);
        if (!rests) {
          int columns = weights.columns();
          System.arraycopy(
              weights.data(), weights.offset(row), moving.data(), moving.offset(next), columns);
          movingRows[movingOffset + next] = row + 1;
          next++;
        }
        kernel.glide(glide.distance(touched), rests ? 0 : 1, 1, epsilon, row, weights, m, v);
        if (rests) {
          at[atOffset + row] = -when;
        }
      }
      // Zeros behind them, so that a state has one form only.
      for (; next < mostMoving && movingRows[movingOffset + next] > 0; next++) {
        movingRows[movingOffset + next] = 0;
        int from = moving.offset(next);
        Arrays.fill(moving.data(), from, from + moving.columns(), 0);
      }
    }

    void unsettle() {
      for (int i = 0; i < mostMoving && movingRows[movingOffset + i] > 0; i++) {
        int row = (int) movingRows[movingOffset + i] - 1;
        int columns = weights.columns();
        System.arraycopy(
            moving.data(), moving.offset(i), weights.data(), weights.offset(row), columns);
      }
    }
  }

  private static int positions(Settings settings, int sequences) {
    return Math.multiplyExact(
        Math.multiplyExact(sequences, settings.step().accumulation()), settings.model().context());
  }

  /** Rows of a table that can be moving without being touched. */
  private static int mostMoving(Settings settings, Parameter table) {
    long touched =
        (long) positions(settings, settings.step().batch())
            * Glide.steps(settings.resolvedOptimizer());
    return (int) Math.min(table.size() / table.rowSize(), touched);
  }

  /** A number, or a row of numbers, for each of so many rows of each table. */
  private static ParameterStore store(
      List<Parameter> tables, java.util.function.ToIntFunction<Parameter> rows, boolean wide) {
    ParameterLayout.Builder layout = ParameterLayout.builder();
    for (Parameter table : tables) {
      int[] shape =
          wide
              ? new int[] {rows.applyAsInt(table), table.rowSize()}
              : new int[] {rows.applyAsInt(table)};
      layout.add(table.name(), Role.BIAS, Initializer.ZEROS, true, shape);
    }
    return new ParameterStore(layout.build());
  }

  /** Returns the bytes of tables' state, and of their rows' gradients. */
  static long bytes(Settings settings, Transformer transformer, int copies) {
    long floats = 0;
    for (Parameter table : transformer.layout().tables()) {
      long rows = table.size() / table.rowSize();
      long moving = mostMoving(settings, table);
      floats += 2L * table.size() + rows + moving * (table.rowSize() + 1);
    }
    Shards shards = Trainer.shards(settings);
    long ofShards =
        shards.count()
            * RowGradients.bytes(transformer.rowTables(), positions(settings, shards.largest()));
    long numbers = 0;
    for (Parameter table : transformer.layout().tables()) {
      numbers += table.size() / table.rowSize();
    }
    return Float.BYTES * (copies * floats + numbers) + ofShards;
  }

  /** Returns whether there is anything to train. */
  boolean isEmpty() {
    return gradients.length == 0;
  }

  /** Returns what is remembered of the tables; as of a settled state it belongs to a checkpoint. */
  List<OptimizerState> state() {
    if (isEmpty()) {
      return List.of();
    }
    return List.of(
        new OptimizerState("rows.exp_avg", "first moment", firstMoment),
        new OptimizerState("rows.exp_avg_sq", "second moment", secondMoment),
        new OptimizerState("rows.step", "step of the last change", touchedAt),
        new OptimizerState("rows.moving", "rows that move", moving),
        new OptimizerState("rows.moving_numbers", "numbers of the rows that move", movingRows));
  }

  /** Returns where a shard's gradients go, or null if there are no tables. */
  RowGradients gradients(int shard) {
    return isEmpty() ? null : gradients[shard];
  }

  /**
   * Names the rows that a shard touches. For several shards at a time.
   *
   * @param ids per micro-batch
   * @param stride from a window's ids to the next
   */
  void touch(int shard, int from, int to, int[][] ids, int time, int stride) {
    RowGradients rows = gradients[shard];
    rows.clear();
    for (int[] micro : ids) {
      rows.touch(micro, from * stride, to - from, time, stride);
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
    for (Table table : trained) {
      if (table != null) {
        table.collect(step);
        table.firstBlock = blocks;
        blocks += Math.ceilDiv(table.count, BLOCK);
      }
    }
    pool.run(blocks, catchUpTask);
  }

  private Table table(int block) {
    int number = trained.length - 1;
    while (trained[number] == null || trained[number].firstBlock > block) {
      number--;
    }
    return trained[number];
  }

  private void catchUp(int block, int worker) {
    Table table = table(block);
    int from = (block - table.firstBlock) * BLOCK;
    for (int i = from; i < Math.min(from + BLOCK, table.count); i++) {
      table.catchUp(i);
    }
  }

  /** Adds the shards' gradients and returns the sum of squares, in order of the rows. */
  double reduce(WorkerPool pool) {
    pool.run(blocks, reduceTask);
    double sum = 0;
    for (int block = 0; block < blocks; block++) {
      sum += squares[block];
    }
    return sum;
  }

  private void reduce(int block, int worker) {
    Table table = table(block);
    int from = (block - table.firstBlock) * BLOCK;
    double sum = 0;
    for (int i = from; i < Math.min(from + BLOCK, table.count); i++) {
      sum += table.reduce(i);
    }
    squares[block] = sum;
  }

  /** Changes the rows by their gradients. */
  void update(WorkerPool pool, long t, double learningRate, double gradientScale) {
    scalars.set(
        learningRate, settings.beta1(), settings.beta2(), settings.epsilon(), gradientScale, t);
    pool.run(blocks, updateTask);
  }

  private void update(int block, int worker) {
    Table table = table(block);
    int from = (block - table.firstBlock) * BLOCK;
    for (int i = from; i < Math.min(from + BLOCK, table.count); i++) {
      table.update(i);
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
    for (Table table : trained) {
      if (table != null) {
        table.settle();
      }
    }
    settled = true;
  }

  private void unsettle() {
    if (!settled) {
      return;
    }
    for (Table table : trained) {
      if (table != null) {
        table.unsettle();
      }
    }
    settled = false;
  }

  /** Says that weights and state are now those of a checkpoint: a settled state. */
  void restored() {
    settled = true;
  }

  /** Returns the first table whose gradient is not finite, or null. */
  String firstBadGradient() {
    List<String> bad = new ArrayList<>();
    for (Table table : trained) {
      for (int i = 0; table != null && bad.isEmpty() && i < table.count; i++) {
        int sum = table.slots[i * table.shards];
        int n = table.weights.columns();
        double squares = reduction.sumOfSquares(n, table.data(sum), table.offset(sum));
        if (!Double.isFinite(squares)) {
          bad.add(
              "the gradient of row %d of %s (backward)"
                  .formatted(table.rows[i], tables.get(table.number).parameter().name()));
        }
      }
    }
    return bad.isEmpty() ? null : bad.get(0);
  }
}
