package dev.lanewise.model;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Matrix;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.family.Gpt2;
import dev.lanewise.model.family.ModelSizes;
import dev.lanewise.model.memory.Pass;
import dev.lanewise.model.memory.RowGradients;
import dev.lanewise.model.memory.RowTable;
import dev.lanewise.model.memory.WeightPanels;
import java.util.Arrays;
import java.util.List;

/** A small model with random weights, ready to run. */
public final class TestModel {

  public static final long SEED = 11;

  public final Transformer transformer;
  public final ParameterStore weights;
  public final ParameterStore gradients;
  public final WeightPanels panels;
  public final Pass pass;

  public TestModel(TransformerConfig config, KernelSet kernels, int sequencesPerPass) {
    this(new Transformer(config, kernels, sequencesPerPass));
  }

  public TestModel(Transformer transformer) {
    this.transformer = transformer;
    this.weights = randomWeights();
    this.gradients = ParameterStore.ofTrainable(transformer.layout());
    this.panels = transformer.newPanels(true);
    try (WorkerPool pool = new WorkerPool(2)) {
      panels.pack(pool, weights);
    }
    this.pass = transformer.newPass();
    bind();
  }

  /** Makes the next backward the first one. */
  void bind() {
    pass.bind(weights, panels, gradients);
  }

  /** Sizes that no vector divides. */
  public static TransformerConfig config(boolean biases, boolean tiedHead, float dropout) {
    return gpt2(67, 13, 36, 3, 2, 90, biases, tiedHead, dropout);
  }

  public static TransformerConfig gpt2(
      int vocabularySize,
      int contextLength,
      int width,
      int heads,
      int layers,
      int feedForwardWidth,
      boolean biases,
      boolean tiedHead,
      float dropout) {
    return new Gpt2()
        .choose(
            new ModelSizes(
                vocabularySize,
                contextLength,
                width,
                heads,
                0,
                0,
                layers,
                feedForwardWidth,
                biases,
                tiedHead,
                dropout,
                0));
  }

  /** So great that softmax, GELU and biases all matter. */
  private ParameterStore randomWeights() {
    ParameterStore store = new ParameterStore(transformer.layout());
    for (Parameter parameter : store.parameters()) {
      RandomStream random = new RandomStream(SEED, RandomStream.DIAGNOSTICS, parameter.index());
      boolean gain = parameter.role() == Role.GAIN;
      FloatTensor tensor = store.tensor(parameter);
      for (int i = 0; i < tensor.size(); i++) {
        tensor.set(i, (float) ((gain ? 1 : 0) + 0.2 * random.nextGaussian()));
      }
    }
    return store;
  }

  /** The weight of a head of its own. */
  Parameter head() {
    return transformer.layout().parameters().stream()
        .filter(parameter -> parameter.name().equals(Transformer.HEAD))
        .findFirst()
        .orElseThrow();
  }

  public int[] randomWindows(int sequences, int time) {
    RandomStream random = new RandomStream(SEED, RandomStream.DIAGNOSTICS, -1);
    int[] windows = new int[sequences * (time + 1)];
    for (int i = 0; i < windows.length; i++) {
      windows[i] = random.nextInt(transformer.config().vocabularySize());
    }
    return windows;
  }

  /** The logits after each token, by a decoder. */
  public float[][] decode(int[] ids, int time, WorkerPool pool) {
    return decode(ids, time, Precision.F32, pool);
  }

  /** The logits after each token, by a decoder that keeps keys and values in a precision. */
  public float[][] decode(int[] ids, int time, Precision keyValues, WorkerPool pool) {
    Decoder decoder = transformer.newDecoder(weights, panels, keyValues, pool);
    float[][] logits = new float[time][];
    for (int t = 0; t < time; t++) {
      logits[t] = decoder.accept(ids[t]).clone();
    }
    return logits;
  }

  /** The logits after each token, by a pass over the token and all that come before it. */
  public float[][] wholePasses(int[] ids, int time) {
    int columns = transformer.config().vocabularySize();
    float[][] logits = new float[time][];
    for (int t = 0; t < time; t++) {
      pass.batch().takeRows(ids, ids, 0, 1, t + 1);
      float[] all = new float[(t + 1) * columns];
      transformer.logits(pass, all);
      logits[t] = Arrays.copyOfRange(all, t * columns, all.length);
    }
    return logits;
  }

  /** Trains and evaluates with a team over memory that holds what must not be read. */
  public Outcome outcome(int members, int time) {
    return outcome(Use.TRAINING, members, time);
  }

  /** As {@link #outcome(int, int)}, in memory laid out for that. */
  public Outcome outcome(Use use, int members, int time) {
    int sequences = transformer.sequencesPerPass();
    int[] windows = randomWindows(sequences, time);
    Arrays.fill(gradients.data(), Float.NaN);
    RowGradients rows = rows(windows, time, sequences, sequences - 1);
    double[] sums = new double[3 * members];
    try (WorkerPool pool = new WorkerPool(members)) {
      Pass[] passes = transformer.newPasses(use, new Team(pool, members));
      Matrix any = passes[0].view(transformer.results().getFirst());
      Arrays.fill(any.data(), Float.NaN);
      pool.run(
          members,
          (member, worker) -> {
            Pass own = passes[member];
            own.bind(weights, panels, gradients);
            own.bindRows(rows, 0);
            own.batch().takeWindows(windows, 0, sequences, time);
            own.withDropout(5, 2, 7);
            own.withSampledSoftmax(transformer.config().loss().sampled() > 0);
            sums[3 * member] = transformer.lossAndGradients(own, Outcome.SCALE);
            own.bindRows(rows, sequences * time);
            own.batch().takeWindows(windows, time + 1, sequences - 1, time);
            own.withDropout(5, 2, 70);
            sums[3 * member + 1] = transformer.lossAndGradients(own, Outcome.SCALE);
            own.batch().takeWindows(windows, 0, sequences, time);
            own.withoutDropout();
            sums[3 * member + 2] = transformer.loss(own);
          });
      return new Outcome(sums, passes[0].losses().clone(), allGradients(rows));
    }
  }

  /**
   * Room for the gradients of tables that are trained by row, with the rows named of so many of the
   * last windows, after each other.
   */
  public RowGradients rows(int[] windows, int time, int... sequences) {
    List<RowTable> tables = transformer.rowTables();
    RowGradients rows = new RowGradients(tables, time * Arrays.stream(sequences).sum());
    rows.clear();
    int all = windows.length / (time + 1);
    for (int each : sequences) {
      rows.touch(windows, (all - each) * (time + 1), each, time, time + 1);
    }
    return rows;
  }

  /** The gradients of what is trained as a whole, and behind them those of rows, by slot. */
  float[] allGradients(RowGradients rows) {
    float[] all = gradients.data().clone();
    for (int table = 0; table < transformer.rowTables().size(); table++) {
      if (transformer.rowTables().get(table).parameter().trainable()) {
        int floats = rows.count(table) * rows.gradients(table).columns();
        int end = all.length;
        all = Arrays.copyOf(all, end + floats);
        System.arraycopy(rows.gradients(table).data(), 0, all, end, floats);
      }
    }
    return all;
  }
}
