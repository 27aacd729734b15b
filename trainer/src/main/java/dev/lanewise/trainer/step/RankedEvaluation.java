package dev.lanewise.trainer.step;

import dev.lanewise.engine.cluster.Collectives;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/**
 * The tasks of an evaluation, divided among ranks: rank 0 sends the others their tokens and gets
 * losses, a round of some tasks for each at a time, and adds them as it would its own.
 */
final class RankedEvaluation implements EvaluationTasks.Division {

  /** Enough to keep all crews of a rank busy, and few enough for a stop to be soon. */
  private static final int TASKS_PER_CREW = 4;

  private final RankOrders orders;
  private final Collectives collectives;
  private final int ranks;
  private final int rank;
  private final int perRound;
  private final Transformer transformer;
  private final ParameterStore weights;
  private final WeightPanels panels;
  private final Crews crews;
  private final Runnable share;
  private final SentBatches sent = new SentBatches();
  private final Batch filled;

  /** Of each task of a round its passes, and whether the first is of a shorter window. */
  private int[] forms;

  private double[] losses;

  /**
   * Makes one rank's side of evaluations.
   *
   * @param share sees to it that all ranks have the weights
   */
  RankedEvaluation(TrainerParts parts, Crews crews, Runnable share) {
    this.orders = parts.orders();
    this.collectives = orders.collectives();
    this.ranks = orders.cluster().size();
    this.rank = orders.cluster().rank();
    this.perRound = ranks * TASKS_PER_CREW * parts.pool().size();
    this.transformer = parts.transformer();
    this.weights = parts.weights();
    this.panels = parts.panels();
    this.crews = crews;
    this.share = share;
    this.filled = new Batch(transformer.sequencesPerPass() * transformer.time());
  }

  private int from(int tasks, int of) {
    return (int) ((long) tasks * of / ranks);
  }

  /** On rank 0. */
  @Override
  public void run(
      Crews here, int tasks, EvaluationTasks what, double[] into, BooleanSupplier stop) {
    share.run();
    for (int base = 0; base < tasks && !stop.getAsBoolean(); base += perRound) {
      int first = base;
      int count = Math.min(perRound, tasks - base);
      begin(first, count, what);
      int own = from(count, 1);
      if (own > 0) {
        here.run(own, (task, worker, pass) -> what.run(first + task, worker, pass));
      }
      gather(count);
      System.arraycopy(losses, own, into, base + own, count - own);
      orders.done();
    }
  }

  private void begin(int first, int count, EvaluationTasks what) {
    orders.give(RankOrders.Kind.EVALUATE, count);
    forms = new int[2 * count];
    losses = new double[count];
    sent.clear();
    for (int task = from(count, 1); task < count; task++) {
      int before = sent.count();
      what.forEachPass(first + task, filled, () -> sent.add(filled));
      forms[2 * task] = sent.count() - before;
      forms[2 * task + 1] = what.beginsWithShorter(first + task) ? 1 : 0;
    }
    collectives.broadcast(MemorySegment.ofArray(forms));
    sent.broadcast(collectives);
  }

  private void gather(int count) {
    long[] bounds = new long[ranks + 1];
    for (int of = 0; of <= ranks; of++) {
      bounds[of] = (long) Double.BYTES * from(count, of);
    }
    collectives.gatherAll(MemorySegment.ofArray(losses), bounds);
  }

  /** On the other ranks: computes the losses of this rank's tasks of a round. */
  void follow() {
    int count = Math.toIntExact(orders.number(0));
    forms = new int[2 * count];
    losses = new double[count];
    collectives.broadcast(MemorySegment.ofArray(forms));
    sent.broadcast(collectives);
    int[] firstPasses = new int[count + 1];
    for (int task = 0; task < count; task++) {
      firstPasses[task + 1] = firstPasses[task] + forms[2 * task];
    }
    int from = from(count, rank);
    int own = from(count, rank + 1) - from;
    if (own > 0) {
      crews.run(own, (task, worker, pass) -> runSent(from + task, firstPasses, pass));
    }
    gather(count);
  }

  /** As {@link Evaluator} has it: a shorter window by itself and first, else row by row. */
  private void runSent(int task, int[] firstPasses, Pass pass) {
    pass.bind(weights, panels, null);
    pass.withoutDropout();
    double ofShorter = 0;
    double sum = 0;
    for (int number = firstPasses[task]; number < firstPasses[task + 1]; number++) {
      sent.give(number, pass.batch());
      double loss = transformer.loss(pass);
      if (number == firstPasses[task] && forms[2 * task + 1] == 1) {
        ofShorter = loss;
      } else {
        for (int row = 0; row < pass.rows(); row++) {
          sum += pass.losses()[row];
        }
      }
    }
    if (pass.member().isFirst()) {
      losses[task] = ofShorter + sum;
    }
  }
}
