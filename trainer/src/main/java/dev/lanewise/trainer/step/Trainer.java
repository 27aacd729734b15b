package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.RankShards;
import dev.lanewise.engine.parallel.ReductionTree;
import dev.lanewise.engine.parallel.Shards;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.profile.OptimizerEvent;
import dev.lanewise.engine.profile.ReduceEvent;
import dev.lanewise.engine.profile.StepEvent;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.optim.GradientClip;
import dev.lanewise.trainer.optim.LearningRateSchedule;
import dev.lanewise.trainer.optim.Optimizer;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.optim.ScheduleKind;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.token.PackedStep;
import dev.lanewise.trainer.text.token.PassTokens;
import dev.lanewise.trainer.text.token.StepTokens;
import dev.lanewise.trainer.text.token.TextWindows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

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

  private static final int PASS_ROWS = 512;

  private final Settings config;
  private final Transformer transformer;
  private final WorkerPool pool;
  private final ParameterStore weights;
  private final WeightPanels panels;
  private final Shards shards;
  private final TableTraining tables;
  private final ShardPasses passes;
  private final Ranks ranks;
  private final Optimizer optimizer;
  private final GradientClip clip;
  private final ScheduleKind scheduleKind;
  private final StepCosts costs;
  private final long reducedBytes;
  private final long updatedBytes;
  private final TextWindows windows;
  private final double[] lossLeaves;
  private final WorkerPool.Task touchTask = this::touchRows;
  private final WorkerPool.Task updateTask = this::runUpdate;
  private final Consumer<Piece> pack = this::pack;
  private LearningRateSchedule schedule;
  private long end;
  private long exactFrom;
  private long step;
  private PassTokens tokens;
  private long counted;
  private long rows;
  private long flops;
  private double loss;
  private double gradientNorm;
  private double learningRate;

  /** Makes a trainer, with memory for its steps, and packs the weights. */
  public Trainer(TrainerParts parts) {
    this.config = parts.settings();
    this.transformer = parts.transformer();
    this.pool = parts.pool();
    this.weights = parts.weights();
    this.panels = parts.panels();
    this.shards = shards(config);
    this.lossLeaves = new double[shards.count()];
    this.windows = new TextWindows(config.step().batch(), config.model().context());
    this.clip = new GradientClip(config.optimizer().clip());
    this.scheduleKind = parts.schedules().named(config.schedule().kind());
    endAfter(config.step().limit());
    this.tables =
        new TableTraining(
            config, at -> schedule.at(at), transformer, parts.kernels(), shards, weights);
    RankShards division = new RankShards(shards.count(), parts.orders().cluster().size());
    this.passes = new ShardPasses(parts, shards, division, tables);
    this.ranks = Ranks.of(parts, shards, division, passes, tables);
    this.optimizer = ranks.optimizer();
    this.costs = new StepCosts(config, transformer);
    this.reducedBytes = StepCosts.reducedBytes(passes.count(), passes.sum());
    this.updatedBytes = costs.updatedBytes(passes.sum(), optimizer);
    packAll();
  }

  /**
   * Sets how many steps there are in all, on which the learning rate depends; at first it is the
   * configuration's number.
   */
  public void endAfter(long steps) {
    end = steps;
    schedule = scheduleKind.create(config.schedule(), steps);
    exactFrom = scheduleKind.exactFrom(config.schedule(), steps);
  }

  /**
   * Returns the step from which on the softmax is taken over all tokens, see {@link
   * ScheduleKind#exactFrom}; 0 if it always is.
   */
  public long exactFrom() {
    return slowerWhenExact() > 1 ? exactFrom : 0;
  }

  /** Takes a sampled softmax in no step or in all of them, wherever the run ends: to measure. */
  public void sampleAlways(boolean always) {
    exactFrom = always ? Long.MAX_VALUE : 0;
  }

  /**
   * Returns how many times as much arithmetic a step with an exact softmax is as one that samples;
   * 1 for a model that never samples.
   */
  public double slowerWhenExact() {
    long positions = config.model().context();
    long pairs = positions * (positions + 1) / 2;
    return (double) transformer.flops(positions, pairs, false)
        / transformer.flops(positions, pairs, true);
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
    step(step, PackedStep.of(ids, targets, config.step().batch(), context));
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
    rows = drawn.rows();
    flops = transformer.flops(rows, drawn.pairs(), samples(step));
    StepEvent event = StepEvent.start();
    ranks.begin(step, end, drawn);
    compute(step, drawn);
    StepEvent.end(event, step, loss, Math.toIntExact(rows));
  }

  /** Whether a step takes a sampled softmax, if the model is planned for one. */
  private boolean samples(long number) {
    return number < exactFrom;
  }

  /** What all ranks do, of a step that they know. */
  private void compute(long number, PassTokens ofStep) {
    step = number;
    tokens = ofStep;
    counted = ofStep.counted();
    if (!tables.isEmpty()) {
      pool.run(shards.count(), touchTask);
      tables.begin(pool, step);
    }
    passes.run(step, samples(step), tokens);
    ranks.gatherLosses(passes.losses());
    System.arraycopy(passes.losses(), 0, lossLeaves, 0, lossLeaves.length);
    loss = ReductionTree.reduce(lossLeaves) / counted;
    ReduceEvent reduce = ReduceEvent.start();
    gradientNorm = Math.sqrt(ranks.reduce(pool));
    ReduceEvent.end(reduce, shards.count(), reducedBytes);
    requireFinite();
    update();
    ranks.done();
  }

  private void update() {
    OptimizerEvent event = OptimizerEvent.start();
    learningRate = schedule.at(step);
    optimizer.begin(step + 1, learningRate, clip.scale(gradientNorm));
    pool.run(optimizer.tasks(), updateTask);
    ranks.gatherWeights(pool);
    tables.update(pool, step + 1, learningRate, clip.scale(gradientNorm));
    OptimizerEvent.end(event, gradientNorm, learningRate, updatedBytes);
  }

  private void runUpdate(int task, int worker) {
    optimizer.update(task, worker, weights, passes.sum(), pack);
  }

  private void pack(Piece piece) {
    panels.pack(piece, weights);
  }

  private void touchRows(int shard, int worker) {
    tables.touch(shard, shards.from(shard), shards.to(shard), tokens);
  }

  private void requireFinite() {
    if (Double.isFinite(loss) && Double.isFinite(gradientNorm)) {
      return;
    }
    ranks.gatherGradients();
    ranks.done();
    String tensor = ranks.leads() ? firstBadTensor() : "known to rank 0";
    throw new NonFiniteException(
        step,
        tensor,
        "step %d: the first tensor that is not finite is %s (loss %s, gradient norm %s). The weights are as before the step."
            .formatted(step, tensor, loss, gradientNorm));
  }

  /** Looks in the order of the computation: weights, forward of each pass, backward. */
  private String firstBadTensor() {
    String found = NonFiniteSearch.inWeights(weights);
    if (found == null) {
      found = passes.firstBadActivation();
    }
    if (found == null) {
      found = NonFiniteSearch.inGradients(passes.sum());
    }
    if (found == null) {
      found = tables.firstBadGradient();
    }
    return found == null ? "the loss" : found;
  }

  /** Makes an evaluator that shares this trainer's memory; not to be used during a step. */
  public Evaluator evaluator() {
    return new Evaluator(
        transformer, pool.size(), weights, panels, passes.crews(), ranks.evaluation());
  }

  /** Returns how the batch is cut. */
  public Shards shards() {
    return shards;
  }

  /** Returns whether several workers go through the model together with one shard. */
  public boolean sharesShards() {
    return pool.size() > passes.count();
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

  /** Returns what steps cost. */
  public StepCosts costs() {
    return costs;
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
    List<OptimizerState> states = new ArrayList<>(ranks.state());
    states.addAll(tables.state());
    return states;
  }

  /** Brings to rank 0 what the other ranks remember, before a checkpoint is written. */
  public void collect() {
    ranks.collect();
  }

  /**
   * On another rank than 0: does what rank 0 orders, until that lets it go.
   *
   * @throws IllegalStateException if this process works alone
   * @throws dev.lanewise.engine.cluster.ClusterException if another rank is gone
   */
  public void follow() {
    ranks.follow(this);
  }

  /** On another rank than 0: takes a step that rank 0 takes, on the tokens that it has sent. */
  void followStep(long number, long steps, PassTokens sent) {
    if (steps != end) {
      endAfter(steps);
    }
    compute(number, sent);
  }

  /** Packs all weights, which are others than before. */
  void packAll() {
    panels.pack(pool, weights);
  }

  /**
   * Completes what steps have left undone, where tables are trained by row, so that the weights are
   * those after the last step: before an evaluation, a sample, or a checkpoint. Changes no later
   * step.
   *
   * @param steps how many there have been
   */
  public void settle(long steps) {
    ranks.settle(steps);
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
    packAll();
    ranks.restored(steps);
  }

  /**
   * Returns the gradient of the last step's mean loss, by name: of all shards and micro-batches
   * together, before clipping. A view: the next step overwrites it. Of several ranks each has only
   * its own part.
   */
  public ParameterStore gradients() {
    return passes.sum();
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
