package dev.lanewise.trainer.step;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.profile.EvaluateEvent;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.text.token.ValidationWindows;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * The exact loss of a model on a text: every target once, so that the figure has no sampling noise.
 * The windows are tasks of {@link Crews}; their losses are added in order, so that the number of
 * workers does not show.
 */
public final class Evaluator {

  private final Transformer transformer;
  private final ParameterStore weights;
  private final WeightPanels panels;
  private final Crews crews;
  private final int[][] windows;
  private long firstBadWindow;

  /** Makes an evaluator with memory of its own. */
  public Evaluator(
      Transformer transformer, WorkerPool pool, ParameterStore weights, WeightPanels panels) {
    this(
        transformer,
        pool.size(),
        weights,
        panels,
        new Crews(transformer, Use.INFERENCE, pool, pool.size()));
  }

  Evaluator(
      Transformer transformer,
      int workers,
      ParameterStore weights,
      WeightPanels panels,
      Crews crews) {
    this.transformer = transformer;
    this.weights = weights;
    this.panels = panels;
    this.crews = crews;
    int window = transformer.config().contextLength() + 1;
    this.windows = new int[workers][transformer.sequencesPerPass() * window];
  }

  /**
   * Computes the mean loss in nats per token.
   *
   * @param stop asked between passes; when it says so the evaluation is given up
   * @return the loss, or nothing if given up
   */
  public OptionalDouble evaluate(ValidationWindows data, BooleanSupplier stop) {
    EvaluateEvent event = EvaluateEvent.start();
    int perPass = transformer.sequencesPerPass();
    int tasks = Math.toIntExact(Math.ceilDiv(data.count(), (long) perPass));
    double[] losses = new double[tasks];
    crews.run(
        tasks,
        (task, worker, pass) -> {
          if (pass.member().broadcast(stop.getAsBoolean() ? 1 : 0) == 0) {
            double loss = lossOf(data, (long) task * perPass, windows[worker], pass);
            if (pass.member().isFirst()) {
              losses[task] = loss;
            }
          }
        });
    if (stop.getAsBoolean()) {
      return OptionalDouble.empty();
    }
    double sum = 0;
    firstBadWindow = data.count();
    for (int task = tasks - 1; task >= 0; task--) {
      if (!Double.isFinite(losses[task])) {
        firstBadWindow = (long) task * perPass;
      }
    }
    for (double loss : losses) {
      sum += loss;
    }
    double mean = sum / data.targets();
    EvaluateEvent.end(event, mean, data.count());
    return OptionalDouble.of(mean);
  }

  /** Finds what made the loss of the last evaluation not finite, in order of the computation. */
  public String firstBadTensor(ValidationWindows data) {
    String found = NonFiniteSearch.inWeights(weights);
    Pass pass = crews.passOfOne();
    pass.bind(weights, panels, null);
    pass.withoutDropout();
    for (long window = firstBadWindow; found == null && window < data.count(); window++) {
      pass.batch().takeWindows(windows[0], 0, 1, data.copy(window, windows[0], 0));
      transformer.loss(pass);
      found = NonFiniteSearch.inActivations(transformer, pass);
    }
    return found == null ? "the loss" : found;
  }

  /** The summed loss of up to a pass of windows; a shorter last window is a pass of its own. */
  private double lossOf(ValidationWindows data, long first, int[] room, Pass pass) {
    pass.bind(weights, panels, null);
    pass.withoutDropout();
    int context = transformer.config().contextLength();
    int sequences = 0;
    double sum = 0;
    long end = Math.min(first + transformer.sequencesPerPass(), data.count());
    for (long window = first; window < end; window++) {
      int targets = data.copy(window, room, sequences * (context + 1));
      if (targets == context) {
        sequences++;
      } else {
        pass.batch().takeWindows(room, sequences * (context + 1), 1, targets);
        sum += transformer.loss(pass);
      }
    }
    if (sequences > 0) {
      pass.batch().takeWindows(room, 0, sequences, context);
      sum += transformer.loss(pass);
    }
    return sum;
  }
}
