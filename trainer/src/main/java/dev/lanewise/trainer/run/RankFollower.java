package dev.lanewise.trainer.run;

import dev.lanewise.engine.cluster.ClusterException;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.optim.OptimizerKind;
import dev.lanewise.trainer.optim.ScheduleKind;
import dev.lanewise.trainer.step.RankOrders;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.step.TrainerParts;
import java.io.IOException;

/**
 * A run on a rank that is not the first: it computes what rank 0 orders, and neither reads nor
 * writes a file of the run.
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
    byte[] text = orders.awaitSetup();
    if (text == null) {
      return;
    }
    RankSetup setup = RankSetup.parse(text);
    Transformer transformer = setup.transformer(kernels);
    if (transformer.layout().size() != setup.parameters()) {
      throw new ClusterException(
          "%s makes a model of %,d parameters of what rank 0 has sent, and rank 0 one of %,d"
              .formatted(
                  orders.cluster().name(orders.cluster().rank()),
                  transformer.layout().size(),
                  setup.parameters()));
    }
    try (WorkerPool pool = new WorkerPool(threads)) {
      ParameterStore weights = new ParameterStore(transformer.layout());
      new Trainer(
              TrainerParts.of(setup.settings(), transformer, kernels, pool, weights)
                  .with(optimizers, schedules)
                  .with(setup.use())
                  .with(orders))
          .follow();
    }
  }
}
