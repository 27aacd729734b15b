package dev.lanewise.trainer.step;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.profile.EvaluateEvent;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.Batch;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.token.EvaluationTokens;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * The exact loss of a model on a text: every target once, so that the figure has no sampling noise.
 * The windows are tasks of {@link Crews}; their losses are added in order, so that neither the
 * number of workers nor that of windows in a pass shows.
 */
public final class Evaluator {

  /** Rows of a pass of its own: enough to keep the products efficient. */
  private static final int PASS_ROWS = 512;

  private final Transformer transformer;
  private final ParameterStore weights;
  private final WeightPanels panels;
  private final Crews crews;
  private final int perPass;
  private final int workers;
  private final EvaluationTasks.Division division;
  private long firstBadWindow;

  /**
   * Makes an evaluator with memory of its own, as much as a text takes.
   *
   * @param data the text, or one that has no fewer windows
   */
  public Evaluator(
      Transformer transformer,
      WorkerPool pool,
      ParameterStore weights,
      WeightPanels panels,
      EvaluationTokens data) {
    this(
        transformer,
        pool.size(),
        weights,
        panels,
        new Crews(
            transformer,
            Use.INFERENCE,
            sequences(transformer, data.count()),
            pool,
            crews(transformer, data.count(), pool.size())),
        sequences(transformer, data.count()),
        EvaluationTasks.Division.ALONE);
  }

  /** Makes an evaluator over passes of the trainer's, with room for all sequences of a pass. */
  Evaluator(
      Transformer transformer,
      int workers,
      ParameterStore weights,
      WeightPanels panels,
      Crews crews,
      EvaluationTasks.Division division) {
    this(transformer, workers, weights, panels, crews, transformer.sequencesPerPass(), division);
  }

  private Evaluator(
      Transformer transformer,
      int workers,
      ParameterStore weights,
      WeightPanels panels,
      Crews crews,
      int perPass,
      EvaluationTasks.Division division) {
    this.division = division;
    this.transformer = transformer;
    this.weights = weights;
    this.panels = panels;
    this.crews = crews;
    this.perPass = perPass;
    this.workers = workers;
  }

  /** Windows of a pass of its own, which decides about memory and speed and about no result. */
  private static int sequences(Transformer transformer, long windows) {
    int most = Math.max(1, PASS_ROWS / transformer.time());
    return (int) Math.min(windows, Math.min(most, transformer.sequencesPerPass()));
  }

  private static int crews(Transformer transformer, long windows, int workers) {
    return (int) Math.min(workers, Math.ceilDiv(windows, (long) transformer.sequencesPerPass()));
  }

  /** Returns the bytes that an evaluator of its own takes for so many windows. */
  public static long bytes(Transformer transformer, long windows, int workers) {
    int perPass = sequences(transformer, windows);
    int crews = crews(transformer, windows, workers);
    long ids = (long) workers * perPass * (transformer.time() + 1);
    return transformer.passes().bytes(Use.INFERENCE, perPass, crews, workers)
        + Integer.BYTES * ids
        + Double.BYTES * Math.ceilDiv(windows, (long) transformer.sequencesPerPass());
  }

  /**
   * Computes the mean loss in nats per token that counts.
   *
   * @param stop asked between passes; when it says so the evaluation is given up
   * @return the loss, or nothing if given up
   */
  public OptionalDouble evaluate(EvaluationTokens data, BooleanSupplier stop) {
    return evaluate(data, stop, Progress.SILENT);
  }

  /**
   * As {@link #evaluate(EvaluationTokens, BooleanSupplier)}.
   *
   * @param progress of the targets, on the calling thread
   */
  public OptionalDouble evaluate(EvaluationTokens data, BooleanSupplier stop, Progress progress) {
    EvaluateEvent event = EvaluateEvent.start();
    int perTask = transformer.sequencesPerPass();
    int tasks = Math.toIntExact(Math.ceilDiv(data.count(), (long) perTask));
    double[] losses = new double[tasks];
    Watch watch = new Watch(data, progress);
    EvaluationTokens.Reader[] readers = new EvaluationTokens.Reader[workers];
    Arrays.setAll(readers, worker -> data.reader(perPass));
    Crews.Job job =
        (task, worker, pass) -> {
          if (pass.member().broadcast(stop.getAsBoolean() ? 1 : 0) == 0) {
            double loss = lossOf(data, (long) task * perTask, readers[worker], pass, watch);
            if (pass.member().isFirst()) {
              losses[task] = loss;
            }
          }
        };
    division.run(crews, tasks, new Windows(data, job), losses, stop);
    if (stop.getAsBoolean()) {
      return OptionalDouble.empty();
    }
    progress.at(Phase.EVALUATING, data.targets(), data.targets());
    double sum = 0;
    firstBadWindow = data.count();
    for (int task = tasks - 1; task >= 0; task--) {
      if (!Double.isFinite(losses[task])) {
        firstBadWindow = (long) task * perTask;
      }
    }
    for (double loss : losses) {
      sum += loss;
    }
    double mean = sum / data.targets();
    EvaluateEvent.end(event, mean, data.count());
    return OptionalDouble.of(mean);
  }

  /** The windows of a text; other ranks get for their passes what {@link #lossOf} reads here. */
  private final class Windows implements EvaluationTasks {

    private final EvaluationTokens data;
    private final Crews.Job job;

    Windows(EvaluationTokens data, Crews.Job job) {
      this.data = data;
      this.job = job;
    }

    private long first(int task) {
      return (long) task * transformer.sequencesPerPass();
    }

    private long end(int task) {
      return Math.min(first(task) + transformer.sequencesPerPass(), data.count());
    }

    @Override
    public boolean beginsWithShorter(int task) {
      return data.standsAlone(end(task) - 1);
    }

    @Override
    public void forEachPass(int task, Batch batch, Runnable filled) {
      EvaluationTokens.Reader reader = data.reader(perPass);
      long end = end(task);
      if (beginsWithShorter(task)) {
        end--;
        reader.give(batch, end, 1);
        filled.run();
      }
      for (long window = first(task); window < end; window += perPass) {
        reader.give(batch, window, (int) Math.min(perPass, end - window));
        filled.run();
      }
    }

    @Override
    public void run(int task, int worker, Pass pass) {
      job.run(task, worker, pass);
    }
  }

  /** Windows are done on all threads, and told on the one that called. */
  private static final class Watch {

    private final EvaluationTokens data;
    private final long perWindow;
    private final Progress progress;
    private final Thread caller = Thread.currentThread();
    private final AtomicLong done = new AtomicLong();

    Watch(EvaluationTokens data, Progress progress) {
      this.data = data;
      this.perWindow = Math.ceilDiv(data.targets(), data.count());
      this.progress = progress;
      progress.at(Phase.EVALUATING, 0, data.targets());
    }

    void done(Pass pass, int windows) {
      if (pass.member().isFirst()) {
        done.addAndGet(windows);
      }
      if (Thread.currentThread().equals(caller)) {
        long targets = Math.min(done.get() * perWindow, data.targets());
        progress.at(Phase.EVALUATING, targets, data.targets());
      }
    }
  }

  /** Finds what made the loss of the last evaluation not finite, in order of the computation. */
  public String firstBadTensor(EvaluationTokens data) {
    String found = NonFiniteSearch.inWeights(weights);
    Pass pass = crews.passOfOne();
    pass.bind(weights, panels, null);
    pass.withoutDropout();
    EvaluationTokens.Reader reader = data.reader(1);
    for (long window = firstBadWindow; found == null && window < data.count(); window++) {
      reader.give(pass.batch(), window, 1);
      found = NonFiniteSearch.inActivations(transformer, pass);
    }
    return found == null ? "the loss" : found;
  }

  /**
   * The summed loss of a task's windows, as if all whole ones were one pass: row by row. A shorter
   * last window is a pass of its own, and added first.
   */
  private double lossOf(
      EvaluationTokens data, long first, EvaluationTokens.Reader reader, Pass pass, Watch watch) {
    pass.bind(weights, panels, null);
    pass.withoutDropout();
    long end = Math.min(first + transformer.sequencesPerPass(), data.count());
    double ofShorter = 0;
    if (data.standsAlone(end - 1)) {
      end--;
      reader.give(pass.batch(), end, 1);
      ofShorter = transformer.loss(pass);
      watch.done(pass, 1);
    }
    double sum = 0;
    for (long window = first; window < end; window += perPass) {
      int sequences = (int) Math.min(perPass, end - window);
      reader.give(pass.batch(), window, sequences);
      transformer.loss(pass);
      for (int row = 0; row < pass.rows(); row++) {
        sum += pass.losses()[row];
      }
      watch.done(pass, sequences);
    }
    return ofShorter + sum;
  }
}
