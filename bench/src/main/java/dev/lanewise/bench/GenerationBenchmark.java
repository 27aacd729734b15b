package dev.lanewise.bench;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.DecodedText;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Tokens of {@code gpt2-124m} per second, with weights held in each precision, beside what memory
 * allows: a token reads every weight once, so its gigabytes per second compare with those of a
 * copy, and of reading alone. Prompts, and several texts side by side, share a reading among their
 * rows.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GenerationBenchmark extends ForkedBenchmark {

  /** Floats of one copy, of which there are as many as threads: far more than a cache holds. */
  private static final int COPIED = 1 << 26;

  @Param({"1", "2"})
  public int threads;

  private WorkerPool pool;
  private Transformer transformer;
  private WorkerPool.Task copyTask;
  private WorkerPool.Task readTask;

  @Setup(Level.Trial)
  public void setup() {
    pool = new WorkerPool(threads);
  }

  @TearDown(Level.Trial)
  public void close() {
    pool.close();
  }

  /** A model with random weights. */
  @State(Scope.Benchmark)
  public static class Model {

    /** Tokens of a prompt. */
    static final int PROMPT = 900;

    /**
     * Tokens of a text, which then begins anew: as many as those of llama.cpp's benchmark. Longer
     * ones read more keys and values, and a faster precision would get further in the same time.
     */
    static final int TEXT = 64;

    /** Texts side by side. */
    static final int TEXTS = 8;

    @Param({"F32", "BF16", "INT8"})
    public Precision weights;

    private Decoder decoder;
    private DecodedText[] texts;
    private final int[] prompt = new int[PROMPT];
    private double floats;
    private double promptFlops;

    @Setup(Level.Trial)
    public void setup(GenerationBenchmark benchmark) {
      decoder = benchmark.decoder(1024, weights, Precision.F32);
      Transformer transformer = benchmark.transformer;
      floats =
          (double) transformer.weightBytes(false, WeightStorage.packedIn(weights)) / Float.BYTES;
      texts = new DecodedText[TEXTS];
      for (int i = 0; i < TEXTS; i++) {
        texts[i] = decoder.newText();
      }
      for (int i = 0; i < PROMPT; i++) {
        prompt[i] = i;
      }
      // A third of a step's, and the head for one row alone.
      double head = 2.0 * transformer.config().vocabularySize() * transformer.config().width();
      promptFlops = transformer.flopsPerSequence(PROMPT) / 3.0 - (PROMPT - 1) * head;
    }
  }

  /** A text of 8,192 tokens, whose keys and values are more than the weights. */
  @State(Scope.Benchmark)
  public static class LongText {

    private static final int CONTEXT = 8192;

    @Param({"F32", "BF16"})
    public Precision keyValues;

    private Decoder decoder;

    @Setup(Level.Trial)
    public void setup(GenerationBenchmark benchmark) {
      decoder = benchmark.decoder(CONTEXT, Precision.F32, keyValues);
      decoder.feed(new int[CONTEXT - 1]);
    }
  }

  private Decoder decoder(int context, Precision precision, Precision keyValues) {
    Settings config =
        Preset.named("gpt2-124m").layer().with(ConfigKey.CONTEXT, context).toSettings();
    KernelSet kernels = VectorKernels.create();
    transformer =
        new Transformer(
            config.model().description(config.text().vocabulary()).config(), kernels, 1, 1);
    ParameterStore initial = transformer.initialize(1);
    WeightPanels panels = transformer.newPanels(false, WeightStorage.packedIn(precision));
    ParameterStore store = panels.newStore();
    for (Parameter parameter : initial.parameters()) {
      float[] values = initial.tensor(parameter).toArray();
      if (panels.holds(parameter)) {
        panels.packHeld(parameter, 0, values.length / parameter.rowSize(), values);
      } else {
        System.arraycopy(values, 0, store.data(), store.offset(parameter), values.length);
      }
    }
    return transformer.newDecoder(store, panels, keyValues, pool);
  }

  /** Two arrays for each thread. */
  @State(Scope.Benchmark)
  public static class Arrays {

    private float[][] from;
    private float[][] to;
    private long[][] read;
    private long[] sums;

    @Setup(Level.Trial)
    public void setup(GenerationBenchmark benchmark) {
      from = new float[benchmark.threads][COPIED];
      to = new float[benchmark.threads][COPIED];
      benchmark.copyTask =
          (index, worker) -> System.arraycopy(from[index], 0, to[index], 0, COPIED);
      read = new long[benchmark.threads][COPIED / 2];
      sums = new long[benchmark.threads];
      benchmark.readTask = (index, worker) -> sums[index] = sum(read[index]);
    }

    /** Less work than anything else that reads all of it: memory is all that it waits for. */
    private static long sum(long[] values) {
      long sum = 0;
      for (long value : values) {
        sum += value;
      }
      return sum;
    }
  }

  /** One token: the score is tokens per second. */
  @Benchmark
  public float token(Model model, KernelBenchmark.Traffic traffic) {
    if (model.decoder.position() == Model.TEXT) {
      model.decoder.reset();
    }
    traffic.add(model.floats);
    return model.decoder.accept(model.decoder.position())[0];
  }

  /** A prompt: the score is tokens per second. */
  @Benchmark
  @OperationsPerInvocation(Model.PROMPT)
  public float prompt(Model model, KernelBenchmark.Flops flops) {
    model.decoder.reset();
    flops.add(model.promptFlops);
    return model.decoder.feed(model.prompt)[0];
  }

  /** A token of each text: the score is tokens per second, of all together. */
  @Benchmark
  @OperationsPerInvocation(Model.TEXTS)
  public float texts(Model model, KernelBenchmark.Traffic traffic) {
    for (DecodedText text : model.texts) {
      if (text.length() == Model.TEXT) {
        text.rewind(0);
      }
      model.decoder.add(text, model.prompt, text.length(), 1);
    }
    traffic.add(model.floats);
    return model.decoder.run(Model.TEXTS)[0];
  }

  /** The last token of a long text. */
  @Benchmark
  public float longText(LongText text) {
    text.decoder.rewind(LongText.CONTEXT - 1);
    return text.decoder.accept(1)[0];
  }

  /** What memory allows: bytes read and bytes written. */
  @Benchmark
  public float copy(Arrays arrays, KernelBenchmark.Traffic traffic) {
    pool.run(threads, copyTask);
    traffic.add(2.0 * threads * COPIED);
    return arrays.to[0][0];
  }

  /** What memory allows where nothing is written. */
  @Benchmark
  public long read(Arrays arrays, KernelBenchmark.Traffic traffic) {
    pool.run(threads, readTask);
    traffic.add(1.0 * threads * COPIED);
    return arrays.sums[0];
  }
}
