package dev.lanewise.trainer.step;

import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Pass;
import java.util.function.BooleanSupplier;

/** What an evaluation consists of: tasks of some passes each. */
interface EvaluationTasks {

  /** Whether the first pass of a task is of a shorter window. */
  boolean beginsWithShorter(int task);

  /** Fills a batch for each pass of a task, one after another. */
  void forEachPass(int task, Batch batch, Runnable filled);

  /** Computes the loss of a task here. */
  void run(int task, int worker, Pass pass);

  /** Who computes the tasks. */
  @FunctionalInterface
  interface Division {

    /** All of them are computed here. */
    Division ALONE = (crews, count, tasks, into, stop) -> crews.run(count, tasks::run);

    /** Computes the losses of all tasks, those that are not computed here into {@code into}. */
    void run(Crews crews, int count, EvaluationTasks tasks, double[] into, BooleanSupplier stop);
  }
}
