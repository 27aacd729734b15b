package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.RankShards;
import dev.lanewise.engine.parallel.Shards;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.model.memory.WeightPanels.Piece;
import dev.lanewise.trainer.optim.Optimizer;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.text.token.StepTokens;
import java.util.List;

/**
 * What the ranks of a run do together in a step, between what each computes by itself: {@link
 * OneRank} for a process that works alone, {@link SeveralRanks} for one of several.
 */
sealed interface Ranks permits OneRank, SeveralRanks {

  /**
   * Makes the ranks' part of a trainer.
   *
   * @param division which shards are on which rank
   * @param passes of this rank's shards
   */
  static Ranks of(
      TrainerParts parts,
      Shards shards,
      RankShards division,
      ShardPasses passes,
      TableTraining tables) {
    OptimizerKind kind = parts.optimizers().named(parts.settings().optimizer().kind());
    List<Parameter> trainable = parts.transformer().layout().trainable();
    List<Piece> trained =
        parts.panels().pieces().stream()
            .filter(piece -> trainable.contains(piece.parameter()))
            .toList();
    return parts.orders().isAlone()
        ? new OneRank(parts, kind, trained, passes, tables)
        : new SeveralRanks(parts, kind, trained, shards, division, passes, tables);
  }

  /** Returns whether this is the rank that decides, which a process alone is. */
  boolean leads();

  /** Returns the optimizer of what this rank updates. */
  Optimizer optimizer();

  /** Returns what all ranks' optimizers remember; null on other ranks than 0. */
  List<OptimizerState> state();

  /** Returns who computes the tasks of an evaluation. */
  EvaluationTasks.Division evaluation();

  /** On rank 0: begins a step on all ranks. */
  void begin(long step, long end, StepTokens tokens);

  /** Gives all ranks the losses of all shards. */
  void gatherLosses(double[] losses);

  /** Adds the gradients of all shards on all ranks; returns the sum of squares. */
  double reduce(WorkerPool pool);

  /** Gives all ranks the whole gradient, of which each has a part. */
  void gatherGradients();

  /** Gives all ranks the weights that each has updated. */
  void gatherWeights(WorkerPool pool);

  /** What was ordered is done. */
  void done();

  /** On rank 0: has all ranks settle their tables after so many steps. */
  void settle(long steps);

  /** Brings to rank 0 what the others remember. */
  void collect();

  /** On rank 0: weights and state are now those after so many steps. */
  void restored(long steps);

  /** On another rank than 0: does what rank 0 orders, until that lets it go. */
  void follow(Trainer trainer);
}
