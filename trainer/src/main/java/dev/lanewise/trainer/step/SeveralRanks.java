package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.RankShards;
import dev.lanewise.engine.parallel.Shards;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.optim.Optimizer;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.progress.LateLogger;
import dev.lanewise.trainer.text.token.StepTokens;
import java.util.List;

/**
 * One of several ranks: each computes some of the shards and updates a part of the weights, as rank
 * 0 orders.
 */
final class SeveralRanks implements Ranks {

  private static final LateLogger LOG = new LateLogger(SeveralRanks.class);

  private final RankOrders orders;
  private final RankShards division;
  private final ParameterStore weights;
  private final WeightPanels panels;
  private final float[] gradient;
  private final TableTraining tables;
  private final Optimizer optimizer;
  private final List<OptimizerState> all;
  private final RankPart part;
  private final RankedStep step;
  private final RankedWeights shared;
  private final RankedEvaluation evaluation;
  private final WorkerPool.Task packTask = this::packOther;

  SeveralRanks(
      TrainerParts parts,
      OptimizerKind kind,
      List<Piece> trained,
      Shards shards,
      RankShards division,
      ShardPasses passes,
      TableTraining tables) {
    this.orders = parts.orders();
    this.division = division;
    this.weights = parts.weights();
    this.panels = parts.panels();
    this.gradient = passes.sum().data();
    this.tables = tables;
    int rank = orders.cluster().rank();
    this.part = new RankPart(trained, kind::needsWhole, rank, orders.cluster().size());
    this.step =
        new RankedStep(
            orders, division, shards, parts.transformer(), parts.kernels(), part, passes.leaves());
    this.optimizer = optimizer(parts, kind, part.own(), parts.pool().size());
    // Only rank 0 saves, and so only rank 0 has room for what all remember.
    this.all = orders.leads() ? optimizer(parts, kind, trained, 1).state() : null;
    this.shared = new RankedWeights(orders, part, weights, panels, optimizer, all, tables);
    this.evaluation = new RankedEvaluation(parts, passes.crews(), shared::share);
    LOG.info("each step this rank sends {} bytes of gradients and weights", step.bytesSent());
  }

  private static Optimizer optimizer(
      TrainerParts parts, OptimizerKind kind, List<Piece> pieces, int workers) {
    return kind.create(
        parts.settings(), parts.transformer().layout(), pieces, parts.kernels(), workers);
  }

  @Override
  public boolean leads() {
    return orders.leads();
  }

  @Override
  public Optimizer optimizer() {
    return optimizer;
  }

  @Override
  public List<OptimizerState> state() {
    return all;
  }

  @Override
  public EvaluationTasks.Division evaluation() {
    return evaluation;
  }

  @Override
  public void begin(long number, long end, StepTokens tokens) {
    shared.share();
    step.begin(number, tokens.counted(), end, tokens.microBatches(), tokens::give);
  }

  @Override
  public void gatherLosses(double[] losses) {
    step.gatherLosses(losses);
  }

  @Override
  public double reduce(WorkerPool pool) {
    double squares = step.reduce(pool);
    tables.exchange(orders.collectives(), division);
    return squares + tables.reduce(pool);
  }

  @Override
  public void gatherGradients() {
    step.gather(gradient);
  }

  @Override
  public void gatherWeights(WorkerPool pool) {
    step.gather(weights.data());
    pool.run(part.others().size(), packTask);
  }

  private void packOther(int index, int worker) {
    panels.pack(part.others().get(index), weights);
  }

  @Override
  public void done() {
    orders.done();
  }

  @Override
  public void settle(long steps) {
    shared.settle(steps);
  }

  @Override
  public void collect() {
    shared.collect();
  }

  @Override
  public void restored(long steps) {
    shared.restored(steps);
  }

  @Override
  public void follow(Trainer trainer) {
    while (true) {
      switch (orders.await()) {
        case SHARE -> {
          shared.take();
          trainer.packAll();
        }
        case STEP -> followStep(trainer);
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

  private void followStep(Trainer trainer) {
    step.receive();
    try {
      trainer.followStep(orders.number(0), orders.number(2), step);
    } catch (NonFiniteException e) {
      // Rank 0 has found the same, and decides what becomes of it.
      LOG.debug("step {} is not finite", orders.number(0), e);
    }
  }
}
