package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.Collectives;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.optim.Optimizer;
import dev.lanewise.trainer.optim.OptimizerState;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The weights of a run, which all ranks have, and what its optimizer remembers, of which each has
 * its part: how they come from rank 0, which reads checkpoints, and go there, as it writes them.
 */
final class RankedWeights {

  private static final long NEW = -1;

  /** Floats of a matrix that are on their way at a time, unless its rows are long. */
  private static final int PART = 1 << 18;

  private final RankOrders orders;
  private final Collectives collectives;
  private final RankPart part;
  private final ParameterStore weights;
  private final WeightPanels panels;
  private final Optimizer optimizer;
  private final List<OptimizerState> all;
  private final TableTraining tables;
  private boolean shared;
  private long restoredSteps = NEW;

  /**
   * Takes a trainer's part in it.
   *
   * @param panels which may hold weights that do not change, the same on all ranks
   * @param all that is remembered, on rank 0; null on the others
   */
  RankedWeights(
      RankOrders orders,
      RankPart part,
      ParameterStore weights,
      WeightPanels panels,
      Optimizer optimizer,
      List<OptimizerState> all,
      TableTraining tables) {
    this.orders = orders;
    this.collectives = orders.collectives();
    this.part = part;
    this.weights = weights;
    this.panels = panels;
    this.optimizer = optimizer;
    this.all = all;
    this.tables = tables;
  }

  /** On rank 0: all has been read of a checkpoint after so many steps, and is to be shared anew. */
  void restored(long steps) {
    restoredSteps = steps;
    shared = false;
  }

  /** On rank 0: sees to it that all ranks have the weights, and their parts. */
  void share() {
    if (!shared) {
      orders.give(RankOrders.Kind.SHARE, restoredSteps);
      exchange();
      orders.done();
      shared = true;
    }
  }

  /** On the other ranks: takes them. */
  void take() {
    exchange();
    if (orders.number(0) != NEW) {
      // Rank 0 has made its tables' state one of this training's learning rates.
      tables.restored(orders.number(0), true);
    }
  }

  private void exchange() {
    collectives.broadcast(MemorySegment.ofArray(weights.data()));
    for (Parameter parameter : weights.layout().parameters()) {
      if (panels.holds(parameter)) {
        exchangeHeld(parameter);
      }
    }
    for (OptimizerState table : tables.state()) {
      collectives.broadcast(MemorySegment.ofArray(table.values().data()));
    }
    part.scatter(collectives, all, optimizer.state());
  }

  /** Some rows at a time, as numbers: how panels lie may not be the same on all ranks. */
  private void exchangeHeld(Parameter parameter) {
    int columns = parameter.rowSize();
    int rows = parameter.size() / columns;
    int step = Math.max(1, PART / columns / panels.rowUnit()) * panels.rowUnit();
    float[] values = new float[Math.min(step, rows) * columns];
    for (int row = 0; row < rows; row += step) {
      int n = Math.min(step, rows - row);
      if (orders.leads()) {
        panels.readHeld(parameter, row, n, values);
      }
      collectives.broadcast(
          MemorySegment.ofArray(values).asSlice(0, (long) Float.BYTES * n * columns));
      if (!orders.leads()) {
        panels.packHeld(parameter, row, n, values);
      }
    }
  }

  /** On rank 0: brings there what the ranks remember, if they have taken a step. */
  void collect() {
    if (shared) {
      orders.give(RankOrders.Kind.COLLECT);
      part.collect(collectives, all, optimizer.state());
      orders.done();
    }
  }

  /** On the other ranks: sends it. */
  void send() {
    part.collect(collectives, null, optimizer.state());
  }

  /** On rank 0: has all ranks move the rows of tables to where they are after so many steps. */
  void settle(long steps) {
    if (!tables.isEmpty()) {
      share();
      orders.give(RankOrders.Kind.SETTLE, steps);
      orders.done();
    }
  }
}
