package dev.lanewise.trainer.step;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.ScheduleKind;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.settings.Settings;

/**
 * What a {@link Trainer} is made of.
 *
 * @param transformer its {@link Transformer#sequencesPerPass} decides how much of a shard is worked
 *     on at once, see {@link Trainer#sequencesPerPass}
 * @param weights trained in place; what the panels do not hold, all that is trained first
 * @param panels for training; those of {@code weights} are packed by the trainer
 * @param use {@link Use#RECOMPUTING} for less memory, more arithmetic, and the same bits
 * @param optimizers those that the settings can name
 * @param schedules likewise
 * @param orders of the ranks that train together
 */
public record TrainerParts(
    Settings settings,
    Transformer transformer,
    KernelSet kernels,
    WorkerPool pool,
    ParameterStore weights,
    WeightPanels panels,
    Use use,
    Registry<OptimizerKind> optimizers,
    Registry<ScheduleKind> schedules,
    RankOrders orders) {

  /** Returns those of a process that works alone and trains with what Lanewise brings. */
  public static TrainerParts of(
      Settings settings,
      Transformer transformer,
      KernelSet kernels,
      WorkerPool pool,
      ParameterStore weights) {
    return of(settings, transformer, kernels, pool, weights, transformer.newPanels(true));
  }

  /** As the other one, with panels that may hold, alone, what is not trained. */
  public static TrainerParts of(
      Settings settings,
      Transformer transformer,
      KernelSet kernels,
      WorkerPool pool,
      ParameterStore weights,
      WeightPanels panels) {
    return new TrainerParts(
        settings,
        transformer,
        kernels,
        pool,
        weights,
        panels,
        Use.TRAINING,
        Optimizers.STANDARD,
        Schedules.STANDARD,
        RankOrders.alone());
  }

  /** Returns the same with activations kept in another way. */
  public TrainerParts with(Use other) {
    return new TrainerParts(
        settings,
        transformer,
        kernels,
        pool,
        weights,
        panels,
        other,
        optimizers,
        schedules,
        orders);
  }

  /** Returns the same with optimizers and schedules of the caller's. */
  public TrainerParts with(
      Registry<OptimizerKind> otherOptimizers, Registry<ScheduleKind> otherSchedules) {
    return new TrainerParts(
        settings,
        transformer,
        kernels,
        pool,
        weights,
        panels,
        use,
        otherOptimizers,
        otherSchedules,
        orders);
  }

  /**
   * Returns the same as one of several ranks. Rank 0 is used as if it were alone; the others {@link
   * Trainer#follow} it.
   */
  public TrainerParts with(RankOrders other) {
    return new TrainerParts(
        settings, transformer, kernels, pool, weights, panels, use, optimizers, schedules, other);
  }
}
