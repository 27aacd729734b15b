package dev.lanewise.trainer.optim;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.memory.WeightPanels.Piece;
import java.util.List;
import java.util.function.Consumer;

/**
 * Changes weights by their gradients, once per step, those of each role in its way. What it
 * remembers from step to step it keeps in named stores, each of the parameters that it is about:
 * checkpoints, checks and memory estimates ask for these and know no optimizer.
 *
 * <p>A step is cut into tasks that workers run in any order; none may depend on another.
 */
public interface Optimizer {

  /** Returns what it remembers, always the same stores in the same order. */
  List<OptimizerState> state();

  /** Returns the number of tasks of a step. */
  int tasks();

  /**
   * Begins a step.
   *
   * @param t how many steps there will have been after this one
   * @param gradientScale what clipping multiplies the gradient by
   */
  void begin(long t, double learningRate, double gradientScale);

  /**
   * Runs one task. For several threads at a time, each with another task.
   *
   * @param worker who runs it, below the number that the optimizer was made for: no two tasks run
   *     on one worker at the same time, so it may select memory to work in
   * @param updated is told each piece of the weights that the task has finished, while it is in
   *     cache
   */
  void update(
      int task,
      int worker,
      ParameterStore weights,
      ParameterStore gradients,
      Consumer<Piece> updated);
}
