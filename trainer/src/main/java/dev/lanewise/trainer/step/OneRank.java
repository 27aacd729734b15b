package dev.lanewise.trainer.step;

import dev.lanewise.engine.parallel.ReductionTree;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.optim.Optimizer;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.text.token.StepTokens;
import java.util.List;

/** A process that works alone: it has all shards, all weights, and nobody to tell. */
final class OneRank implements Ranks {

  private final ReductionTree tree;
  private final TableTraining tables;
  private final Optimizer optimizer;

  OneRank(
      TrainerParts parts,
      OptimizerKind kind,
      List<Piece> trained,
      ShardPasses passes,
      TableTraining tables) {
    this.tree = new ReductionTree(parts.kernels(), passes.leaves());
    this.tables = tables;
    this.optimizer =
        kind.create(
            parts.settings(),
            parts.transformer().layout(),
            trained,
            parts.kernels(),
            parts.pool().size());
  }

  @Override
  public boolean leads() {
    return true;
  }

  @Override
  public Optimizer optimizer() {
    return optimizer;
  }

  @Override
  public List<OptimizerState> state() {
    return optimizer.state();
  }

  @Override
  public EvaluationTasks.Division evaluation() {
    return EvaluationTasks.Division.ALONE;
  }

  @Override
  public void begin(long step, long end, StepTokens tokens) {}

  @Override
  public void gatherLosses(double[] losses) {}

  @Override
  public double reduce(WorkerPool pool) {
    return tree.reduce(pool) + tables.reduce(pool);
  }

  @Override
  public void gatherGradients() {}

  @Override
  public void gatherWeights(WorkerPool pool) {}

  @Override
  public void done() {}

  @Override
  public void settle(long steps) {}

  @Override
  public void collect() {}

  @Override
  public void restored(long steps) {}

  @Override
  public void follow(Trainer trainer) {
    throw new IllegalStateException("a process that works alone has nobody to follow");
  }
}
