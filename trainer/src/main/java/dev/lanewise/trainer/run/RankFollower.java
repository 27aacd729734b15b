package dev.lanewise.trainer.run;

import dev.lanewise.engine.cluster.ClusterException;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.registry.Registry;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.ScheduleKind;
import dev.lanewise.trainer.step.RankOrders;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.step.TrainerParts;
import java.io.IOException;

/**
 * Runs, one after another, on a rank that is not the first: it computes what rank 0 orders, and
 * neither reads nor writes a file of a run.
 */
public final class RankFollower {

  private RankFollower() {}

  /**
   * Follows rank 0 until that lets this one go.
   *
   * @param threads workers; does not change the result
   * @param optimizers those that the settings can name, as on rank 0
   * @param schedules likewise
   * @throws ClusterException if another rank is gone, or computes another model
   */
  public static void follow(
      RankOrders orders,
      int threads,
      KernelSet kernels,
      Registry<OptimizerKind> optimizers,
      Registry<ScheduleKind> schedules)
      throws IOException {
    for (byte[] text = orders.awaitSetup(); text != null; text = orders.awaitSetup()) {
      follow(RankSetup.parse(text), orders, threads, kernels, optimizers, schedules);
    }
  }

  private static void follow(
      RankSetup setup,
      RankOrders orders,
      int threads,
      KernelSet kernels,
      Registry<OptimizerKind> optimizers,
      Registry<ScheduleKind> schedules)
      throws IOException {
    Transformer transformer = setup.transformer(kernels);
    if (transformer.layout().size() != setup.parameters()) {
      throw new ClusterException(
          "%s makes a model of %,d parameters of what rank 0 has sent, and rank 0 one of %,d"
              .formatted(
                  orders.cluster().name(orders.cluster().rank()),
                  transformer.layout().size(),
                  setup.parameters()));
    }
    WeightPanels panels = transformer.newPanels(true, setup.storage());
    try (WorkerPool pool = new WorkerPool(threads)) {
      new Trainer(
              TrainerParts.of(
                      setup.settings(), transformer, kernels, pool, panels.newStore(), panels)
                  .with(optimizers, schedules)
                  .with(setup.use())
                  .with(orders))
          .follow();
    }
  }
}
