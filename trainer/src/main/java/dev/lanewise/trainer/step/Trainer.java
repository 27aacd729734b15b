package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.RankShards;
import dev.lanewise.engine.parallel.ReductionTree;
import dev.lanewise.engine.parallel.Shards;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.profile.OptimizerEvent;
import dev.lanewise.engine.profile.ReduceEvent;
import dev.lanewise.engine.profile.ShardEvent;
import dev.lanewise.engine.profile.StepEvent;
import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.optim.GradientClip;
import dev.lanewise.trainer.optim.LearningRateSchedule;
import dev.lanewise.trainer.optim.Optimizer;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.optim.ScheduleKind;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.token.PackedStep;
import dev.lanewise.trainer.text.token.StepTokens;
import dev.lanewise.trainer.text.token.TextWindows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One optimizer step: each shard of the batch goes forward and backward into gradients of its own,
 * on one worker, or on several if there are more workers than shards ({@link Crews}); the gradients
 * are added by a tree, clipped, and applied, and the weights are packed anew. Owns the memory of
 * all that; a step allocates nothing worth speaking of.
 *
 * <p>For one thread at a time. What a step computes is a function of the weights, the moments, the
 * tokens, the step's number and the configuration; not of the number of workers.
 */
public final class Trainer {

  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);
  private static final int PASS_ROWS = 512;

  private final Settings config;
  private final Transformer transformer;
  private final WorkerPool pool;
  private final Shards shards;
  private final ParameterStore weights;
  private final WeightPanels panels;
  private final ParameterStore[] gradients;
  private final Crews crews;
  private final ReductionTree tree;
  private final RankOrders orders;

  /** Null for a process that works alone. */
  private final RankedStep ranked;

  /** Null likewise. */
  private final RankedWeights shared;

  /** Null likewise. */
  private final RankedEvaluation evaluation;

  private final int firstShard;
  private final int ownShards;
  private final List<OptimizerState> collected;
  private final double[] shardLosses;
  private final double[] lossLeaves;
  private final Optimizer optimizer;
  private final TableTraining tables;
  private final GradientClip clip;
  private final ScheduleKind scheduleKind;
  private final Crews.Job shardJob = this::runShard;
  private final WorkerPool.Task touchTask = this::touchRows;
  private final WorkerPool.Task updateTask = this::runUpdate;
  private final WorkerPool.Task packOthersTask = this::packOther;
  private final Consumer<Piece> pack = this::pack;
  private final long reducedBytes;
  private final long updatedBytes;
  private final TextWindows windows;
  private LearningRateSchedule schedule;
  private long end;
  private long step;
  private StepTokens tokens;
  private int microBatches;
  private long counted;
  private long rows;
  private long flops;
  private double loss;
  private double gradientNorm;
  private double learningRate;

  /**
   * Makes a trainer.
   *
   * @param optimizers those that the configuration can name
   * @param transformer its {@link Transformer#sequencesPerPass} decides how much of a shard is
   *     worked on at once, see {@link #sequencesPerPass}
   * @param weights trained in place
   */
  public Trainer(
      Settings config,
      Registry<OptimizerKind> optimizers,
      Registry<ScheduleKind> schedules,
      Transformer transformer,
      KernelSet kernels,
      WorkerPool pool,
      ParameterStore weights) {
    this(config, optimizers, schedules, transformer, kernels, pool, weights, Use.TRAINING);
  }

  /**
   * As the other one.
   *
   * @param use {@link Use#RECOMPUTING} for less memory, more arithmetic, and the same bits
   */
  public Trainer(
      Settings config,
      Registry<OptimizerKind> optimizers,
      Registry<ScheduleKind> schedules,
      Transformer transformer,
      KernelSet kernels,
      WorkerPool pool,
      ParameterStore weights,
      Use use) {
    this(
        config,
        optimizers,
        schedules,
        transformer,
        kernels,
        pool,
        weights,
        transformer.newPanels(true),
        use,
        RankOrders.alone());
  }

  /**
   * As the other one, for one of several ranks that train together, and where what is not trained
   * may be held in panels alone. Rank 0 is used as if it were alone; the others {@link #follow} it.
   *
   * @param weights what the panels do not hold, all that is trained first
   * @param panels for training; those of {@code weights} are packed here
   */
  public Trainer(
      Settings config,
      Registry<OptimizerKind> optimizers,
      Registry<ScheduleKind> schedules,
      Transformer transformer,
      KernelSet kernels,
      WorkerPool pool,
      ParameterStore weights,
      WeightPanels panels,
      Use use,
      RankOrders orders) {
    this.config = config;
    this.orders = orders;
    this.transformer = transformer;
    this.pool = pool;
    this.shards = shards(config);
    this.weights = weights;
    this.panels = panels;
    RankShards ranks = new RankShards(shards.count(), orders.cluster().size());
    this.firstShard = ranks.from(orders.cluster().rank());
    this.ownShards = ranks.to(orders.cluster().rank()) - firstShard;
    this.gradients = new ParameterStore[ownShards];
    float[][] leaves = new float[ownShards][];
    for (int s = 0; s < gradients.length; s++) {
      gradients[s] = ParameterStore.ofTrainable(transformer.layout());
      leaves[s] = gradients[s].data();
    }
    this.crews = new Crews(transformer, use, pool, ownShards);
    this.shardLosses = new double[shards.count()];
    this.lossLeaves = new double[shards.count()];
    List<Piece> trained =
        panels.pieces().stream()
            .filter(piece -> transformer.layout().trainable().contains(piece.parameter()))
            .toList();
    OptimizerKind kind = optimizers.named(config.optimizer().kind());
    if (orders.isAlone()) {
      this.tree = new ReductionTree(kernels, leaves);
      this.ranked = null;
      this.optimizer = kind.create(config, transformer.layout(), trained, kernels, pool.size());
      this.collected = optimizer.state();
    } else {
      this.tree = null;
      RankPart part =
          new RankPart(trained, kind::needsWhole, orders.cluster().rank(), orders.cluster().size());
      this.ranked = new RankedStep(orders, ranks, shards, transformer, kernels, part, leaves);
      this.optimizer = kind.create(config, transformer.layout(), part.own(), kernels, pool.size());
      // Only rank 0 saves, and so only rank 0 has room for what all remember.
      this.collected =
          orders.leads()
              ? kind.create(config, transformer.layout(), trained, kernels, 1).state()
              : null;
    }
    this.clip = new GradientClip(config.optimizer().clip());
    this.scheduleKind = schedules.named(config.schedule().kind());
    endAfter(config.step().limit());
    this.tables =
        new TableTraining(config, at -> schedule.at(at), transformer, kernels, shards, weights);
    this.shared =
        orders.isAlone()
            ? null
            : new RankedWeights(orders, ranked.part(), weights, optimizer, collected, tables);
    this.evaluation =
        orders.isAlone()
            ? null
            : new RankedEvaluation(
                orders, transformer, pool.size(), weights, panels, crews, shared::share);
    this.reducedBytes = reducedBytes(ownShards, gradients[0]);
    this.updatedBytes = updatedBytes();
    if (ranked != null) {
      LOG.info("each step this rank sends {} bytes of gradients and weights", ranked.bytesSent());
    }
    this.windows = new TextWindows(config.step().batch(), config.model().context());
    panels.pack(pool, weights);
  }

  /**
   * Sets how many steps there are in all, on which the learning rate depends; at first it is the
   * configuration's number.
   */
  public void endAfter(long steps) {
    end = steps;
    schedule = scheduleKind.create(config.schedule(), steps);
  }

  /** A sum reads two arrays and writes one, and the norm reads the last sum. */
  private static long reducedBytes(int shards, ParameterStore gradients) {
    return (3L * (shards - 1) + 1) * Float.BYTES * gradients.data().length;
  }

  /** Weights and state are read and written, gradients read; then weights are packed. */
  private long updatedBytes() {
    long trained = gradients[0].data().length;
    long floats = 3 * trained;
    for (OptimizerState state : optimizer.state()) {
      floats += 2L * state.values().data().length;
    }
    double packed = (double) transformer.panelBytes(true) * trained / transformer.layout().size();
    return Float.BYTES * floats + Math.round(2 * packed);
  }

  /** Returns how the configuration cuts a batch. */
  public static Shards shards(Settings config) {
    int count =
        config.step().shards() > 0
            ? config.step().shards()
            : Shards.defaultCount(config.step().batch());
    return new Shards(config.step().batch(), count);
  }

  /**
   * Returns how many sequences a worker takes through the model at once: about {@value #PASS_ROWS}
   * rows, enough to keep the products efficient and few enough to keep a layer's activations near
   * the core. A function of the configuration alone, because with a tied head it decides in which
   * order two kinds of gradient are added.
   */
  public static int sequencesPerPass(Settings config) {
    int fitting = Math.max(1, PASS_ROWS / config.model().context());
    return Math.min(fitting, shards(config).largest());
  }

  /**
   * Takes one step.
   *
   * @param step counted from 0
   * @param microBatches per micro-batch, {@code batch} windows of {@code context + 1} ids
   * @throws NonFiniteException if the loss or a gradient is not finite; nothing has been changed,
   *     except that rows of tables are where their momentum has moved them
   */
  public void step(long step, int[][] microBatches) {
    windows.take(microBatches);
    step(step, windows);
  }

  /**
   * Takes one step on targets that the caller chooses. The loss is the mean over those that count,
   * in all micro-batches together.
   *
   * @param step counted from 0
   * @param ids per micro-batch, {@code batch} rows of {@code context} ids
   * @param targets likewise: what is to follow each id, or {@link Batch#UNCOUNTED}
   * @throws IllegalArgumentException if no target counts
   * @throws NonFiniteException if the loss or a gradient is not finite; nothing has been changed
   */
  public void step(long step, int[][] ids, int[][] targets) {
    int context = config.model().context();
    PackedStep chosen = PackedStep.of(ids.length, config.step().batch(), context);
    for (int micro = 0; micro < ids.length; micro++) {
      for (int window = 0; window < config.step().batch(); window++) {
        chosen.packed().get(micro).add(ids[micro], targets[micro], window * context, context);
        chosen.packed().get(micro).endWindow();
      }
    }
    step(step, chosen);
  }

  /**
   * Takes one step. The loss is the mean over all targets that count, wherever they lie: a
   * micro-batch or a shard without any adds nothing.
   *
   * @param step counted from 0
   * @param drawn {@code batch} windows to a micro-batch
   * @throws IllegalArgumentException if no target counts
   * @throws NonFiniteException if the loss or a gradient is not finite; nothing has been changed,
   *     except that rows of tables are where their momentum has moved them
   */
  public void step(long step, StepTokens drawn) {
    if (drawn.counted() == 0) {
      throw new IllegalArgumentException("step " + step + ": none of the targets counts");
    }
    this.counted = drawn.counted();
    this.rows = drawn.rows();
    this.flops = transformer.flops(rows, drawn.pairs());
    StepEvent event = StepEvent.start();
    this.step = step;
    this.tokens = drawn;
    this.microBatches = drawn.microBatches();
    if (ranked != null) {
      shared.share();
      ranked.begin(step, counted, end, microBatches, drawn::give);
    }
    compute();
    this.tokens = null;
    StepEvent.end(event, step, loss, Math.toIntExact(rows));
  }

  /** What all ranks do, of a step that they know. */
  private void compute() {
    if (!tables.isEmpty()) {
      pool.run(shards.count(), touchTask);
      tables.begin(pool, step);
    }
    crews.run(ownShards, shardJob);
    if (ranked != null) {
      ranked.gatherLosses(shardLosses);
    }
    System.arraycopy(shardLosses, 0, lossLeaves, 0, lossLeaves.length);
    loss = ReductionTree.reduce(lossLeaves) / counted;
    ReduceEvent reduce = ReduceEvent.start();
    gradientNorm = Math.sqrt(reduce());
    ReduceEvent.end(reduce, shards.count(), reducedBytes);
    requireFinite();
    update();
    orders.done();
  }

  private double reduce() {
    if (ranked == null) {
      return tree.reduce(pool) + tables.reduce(pool);
    }
    double squares = ranked.reduce(pool);
    tables.exchange(orders.collectives(), ranked.ranks());
    return squares + tables.reduce(pool);
  }

  private void update() {
    OptimizerEvent event = OptimizerEvent.start();
    learningRate = schedule.at(step);
    optimizer.begin(step + 1, learningRate, clip.scale(gradientNorm));
    pool.run(optimizer.tasks(), updateTask);
    if (ranked != null) {
      takeOthersWeights();
    }
    tables.update(pool, step + 1, learningRate, clip.scale(gradientNorm));
    OptimizerEvent.end(event, gradientNorm, learningRate, updatedBytes);
  }

  private void runUpdate(int task, int worker) {
    optimizer.update(task, worker, weights, gradients[0], pack);
  }

  private void takeOthersWeights() {
    ranked.gather(weights.data());
    pool.run(ranked.part().others().size(), packOthersTask);
  }

  private void packOther(int index, int worker) {
    panels.pack(ranked.part().others().get(index), weights);
  }

  private void pack(Piece piece) {
    panels.pack(piece, weights);
  }

  private void touchRows(int shard, int worker) {
    if (!orders.leads()) {
      ranked.touch(tables.gradients(shard), shard);
      return;
    }
    tables.touch(shard, shards.from(shard), shards.to(shard), tokens);
  }

  private void runShard(int own, int worker, Pass pass) {
    int shard = firstShard + own;
    ShardEvent event = ShardEvent.start();
    pass.bind(weights, panels, gradients[own]);
    float scale = 1f / counted;
    double sum = 0;
    int position = 0;
    for (int micro = 0; micro < microBatches; micro++) {
      int end = shards.to(shard);
      for (int from = shards.from(shard); from < end; from += transformer.sequencesPerPass()) {
        int sequences = Math.min(transformer.sequencesPerPass(), end - from);
        feed(pass, micro, from, sequences);
        if (pass.rows() == 0) {
          continue;
        }
        pass.bindRows(tables.gradients(shard), position);
        position += pass.rows();
        sum += transformer.lossAndGradients(pass, scale);
      }
    }
    if (pass.member().isFirst()) {
      shardLosses[shard] = sum;
      if (pass.isFresh()) {
        // It had no row; nobody has overwritten what the step before left here.
        Arrays.fill(gradients[own].data(), 0f);
      }
    }
    ShardEvent.end(event, shard, shards.to(shard) - shards.from(shard));
  }

  private void feed(Pass pass, int micro, int from, int sequences) {
    if (orders.leads()) {
      tokens.give(pass.batch(), micro, from, sequences);
    } else {
      ranked.give(pass.batch(), micro, from);
    }
    long firstRow = ((long) micro * config.step().batch() + from) * config.model().context();
    pass.withDropout(config.step().seed(), step, firstRow);
  }

  private void requireFinite() {
    if (Double.isFinite(loss) && Double.isFinite(gradientNorm)) {
      return;
    }
    if (ranked != null) {
      ranked.gather(gradients[0].data());
    }
    orders.done();
    String tensor = orders.leads() ? firstBadTensor() : "known to rank 0";
    throw new NonFiniteException(
        step,
        tensor,
        "step %d: the first tensor that is not finite is %s (loss %s, gradient norm %s). The weights are as before the step."
            .formatted(step, tensor, loss, gradientNorm));
  }

  /** Looks in the order of the computation: weights, forward of each pass, backward. */
  private String firstBadTensor() {
    String found = NonFiniteSearch.inWeights(weights);
    for (int shard = 0; found == null && shard < shards.count(); shard++) {
      if (!Double.isFinite(shardLosses[shard])) {
        found = firstBadActivation(shard);
      }
    }
    if (found == null) {
      found = NonFiniteSearch.inGradients(gradients[0]);
    }
    if (found == null) {
      found = tables.firstBadGradient();
    }
    return found == null ? "the loss" : found;
  }

  private String firstBadActivation(int shard) {
    Pass pass = crews.passOfOne();
    pass.bind(weights, panels, null);
    for (int micro = 0; micro < tokens.microBatches(); micro++) {
      for (int s = shards.from(shard); s < shards.to(shard); s++) {
        feed(pass, micro, s, 1);
        if (pass.rows() == 0) {
          continue;
        }
        String found = NonFiniteSearch.inActivations(transformer, pass);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  /** Returns the bytes of activations that a trainer on so many workers has. */
  public static long activationBytes(
      Settings config, Transformer transformer, Use use, int workers) {
    int teams = Crews.count(workers, shards(config).count());
    return transformer.passes().bytes(use, transformer.sequencesPerPass(), teams, workers);
  }

  /** Returns the bytes that tables take which are trained by row, so many times their state. */
  public static long tableBytes(Settings config, Transformer transformer, int copies) {
    return TableTraining.bytes(config, transformer, copies);
  }

  /** Makes an evaluator that shares this trainer's memory; not to be used during a step. */
  public Evaluator evaluator() {
    return new Evaluator(transformer, pool.size(), weights, panels, crews, evaluation);
  }

  /** Returns how the batch is cut. */
  public Shards shards() {
    return shards;
  }

  /** Returns whether several workers go through the model together with one shard. */
  public boolean sharesShards() {
    return pool.size() > ownShards;
  }

  /** Returns how many rows the last step had. */
  public int rows() {
    return Math.toIntExact(rows);
  }

  /** Returns how many targets of the last step counted. */
  public int counted() {
    return Math.toIntExact(counted);
  }

  /** Returns the floating-point operations of the last step. */
  public long flops() {
    return flops;
  }

  /** Returns the most targets that a step can have: those of full windows. */
  public int targetsPerStep() {
    return config.step().batch() * config.step().accumulation() * config.model().context();
  }

  /**
   * Returns the floating-point operations of a step of full windows, see {@link
   * Transformer#flopsPerSequence}.
   */
  public long flopsPerStep() {
    return transformer.flopsPerSequence(config.model().context())
        * config.step().batch()
        * config.step().accumulation();
  }

  /** Returns the model. */
  public Transformer transformer() {
    return transformer;
  }

  /** Returns the packed weights as of the last step. */
  public WeightPanels panels() {
    return panels;
  }

  /**
   * Returns what belongs to a checkpoint besides the weights, of a {@link #settle settled} model:
   * always the same stores in the same order. Of several ranks only rank 0 has it, after it was
   * {@link #collect collected}.
   */
  public List<OptimizerState> state() {
    List<OptimizerState> states = new ArrayList<>(collected);
    states.addAll(tables.state());
    return states;
  }

  /** Brings to rank 0 what the other ranks remember, before a checkpoint is written. */
  public void collect() {
    if (shared != null) {
      shared.collect();
    }
  }

  /**
   * On another rank than 0: does what rank 0 orders, until that lets it go.
   *
   * @throws dev.lanewise.engine.cluster.ClusterException if another rank is gone
   */
  public void follow() {
    while (true) {
      switch (orders.await()) {
        case SHARE -> {
          shared.take();
          panels.pack(pool, weights);
        }
        case STEP -> followStep();
        case SETTLE -> tables.settle(orders.number(0));
        case COLLECT -> shared.send();
        case EVALUATE -> evaluation.follow();
        case WAIT, SETUP -> throw new IllegalStateException("rank 0 began another run in between");
        case END -> {
          orders.done();
          return;
        }
      }
      orders.done();
    }
  }

  private void followStep() {
    step = orders.number(0);
    counted = orders.number(1);
    if (orders.number(2) != end) {
      endAfter(orders.number(2));
    }
    microBatches = Math.toIntExact(orders.number(3));
    ranked.receive();
    try {
      compute();
    } catch (NonFiniteException e) {
      // Rank 0 has found the same, and decides what becomes of it.
      LOG.debug("step {} is not finite", step, e);
    }
  }

  /**
   * Completes what steps have left undone, where tables are trained by row, so that the weights are
   * those after the last step: before an evaluation, a sample, or a checkpoint. Changes no later
   * step.
   *
   * @param steps how many there have been
   */
  public void settle(long steps) {
    if (shared != null) {
      shared.settle(steps);
    }
    tables.settle(steps);
  }

  /**
   * Goes on with other weights, as of a checkpoint.
   *
   * @param saved what has changed since the first step, of the layout of the weights: all of them,
   *     or what is added to a model; the {@link #state} the caller has set
   * @param steps how many there had been
   * @param sameRates whether they had the learning rates that they would have now
   * @throws IllegalArgumentException if the state is none that training comes to; it says why
   */
  public void restore(ParameterStore saved, long steps, boolean sameRates) {
    tables.restored(steps, sameRates);
    saved.copyTo(weights);
    panels.pack(pool, weights);
    if (shared != null) {
      shared.restored(steps);
    }
  }

  /**
   * Returns the gradient of the last step's mean loss, by name: of all shards and micro-batches
   * together, before clipping. A view: the next step overwrites it. Of several ranks each has only
   * its own part.
   */
  public ParameterStore gradients() {
    return gradients[0];
  }

  /**
   * Returns the mean loss of the last step's batch, before its update, in nats per counted token.
   */
  public double loss() {
    return loss;
  }

  /** Returns the norm of the last step's gradient, before clipping. */
  public double gradientNorm() {
    return gradientNorm;
  }

  /** Returns the learning rate of the last step. */
  public double learningRate() {
    return learningRate;
  }
}
