package dev.lanewise.trainer.loop;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.profile.EvaluateEvent;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.layer.Pass;
import dev.lanewise.model.layer.WeightPanels;
import dev.lanewise.trainer.data.ValidationWindows;
import java.util.OptionalDouble;
import java.util.function.BooleanSupplier;

/**
 * The exact loss of a model on a text: every target once, so that the figure has no sampling noise.
 * The windows are shared out among workers; their losses are added in order, so that the number of
 * workers does not show.
 */
public final class Evaluator {

  private final Gpt gpt;
  private final WorkerPool pool;
  private final ParameterStore weights;
  private final WeightPanels panels;
  private final Pass[] passes;
  private final int[][] windows;
  private long firstBadWindow;

  /** Makes an evaluator with memory of its own. */
  public Evaluator(Gpt gpt, WorkerPool pool, ParameterStore weights, WeightPanels panels) {
    this(gpt, pool, weights, panels, newPasses(gpt, pool.size()));
  }

  Evaluator(Gpt gpt, WorkerPool pool, ParameterStore weights, WeightPanels panels, Pass[] passes) {
    this.gpt = gpt;
    this.pool = pool;
    this.weights = weights;
    this.panels = panels;
    this.passes = passes.length == pool.size() ? passes : newPasses(gpt, pool.size());
    int window = gpt.config().contextLength() + 1;
    this.windows = new int[pool.size()][gpt.sequencesPerPass() * window];
  }

  private static Pass[] newPasses(Gpt gpt, int count) {
    Pass[] passes = new Pass[count];
    for (int i = 0; i < count; i++) {
      passes[i] = gpt.newPass();
    }
    return passes;
  }

  /**
   * Computes the mean loss in nats per token.
   *
   * @param stop asked between passes; when it says so the evaluation is given up
   * @return the loss, or nothing if given up
   */
  public OptionalDouble evaluate(ValidationWindows data, BooleanSupplier stop) {
    EvaluateEvent event = EvaluateEvent.start();
    int perPass = gpt.sequencesPerPass();
    int tasks = Math.toIntExact(Math.ceilDiv(data.count(), (long) perPass));
    double[] losses = new double[tasks];
    pool.run(
        tasks,
        (task, worker) -> {
          if (!stop.getAsBoolean()) {
            losses[task] = lossOf(data, (long) task * perPass, worker);
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
  String firstBadTensor(ValidationWindows data) {
    String found = NonFiniteSearch.inWeights(weights);
    Pass pass = passes[0];
    pass.bind(weights.data(), panels, null);
    pass.evaluate();
    for (long window = firstBadWindow; found == null && window < data.count(); window++) {
      pass.feed(windows[0], 0, 1, data.copy(window, windows[0], 0));
      gpt.loss(pass);
      found = NonFiniteSearch.inActivations(gpt, pass);
    }
    return found == null ? "the loss" : found;
  }

  /** The summed loss of up to a pass of windows; a shorter last window is a pass of its own. */
  private double lossOf(ValidationWindows data, long first, int worker) {
    Pass pass = passes[worker];
    pass.bind(weights.data(), panels, null);
    pass.evaluate();
    int context = gpt.config().contextLength();
    int sequences = 0;
    double sum = 0;
    long end = Math.min(first + gpt.sequencesPerPass(), data.count());
    for (long window = first; window < end; window++) {
      int targets = data.copy(window, windows[worker], sequences * (context + 1));
      if (targets == context) {
        sequences++;
      } else {
        pass.feed(windows[worker], sequences * (context + 1), 1, targets);
        sum += gpt.loss(pass);
      }
    }
    if (sequences > 0) {
      pass.feed(windows[worker], 0, sequences, context);
      sum += gpt.loss(pass);
    }
    return sum;
  }
}
