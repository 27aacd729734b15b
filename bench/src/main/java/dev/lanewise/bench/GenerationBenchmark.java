package dev.lanewise.bench;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import dev.lanewise.kernels.Reduction;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Decoder;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
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
 * copy, and of reading alone.
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

  /** A model with random weights; the text begins anew when the context is full. */
  @State(Scope.Benchmark)
  public static class Model {

    @Param({"F32", "BF16", "INT8"})
    public Precision weights;

    private Decoder decoder;
    private double floats;

    @Setup(Level.Trial)
    public void setup(GenerationBenchmark benchmark) {
      Settings config = Preset.named("gpt2-124m").layer().toSettings();
      KernelSet kernels = VectorKernels.create();
      Transformer transformer =
          new Transformer(
              config.model().description(config.text().vocabulary()).config(), kernels, 1);
      ParameterStore initial = transformer.initialize(1);
      WeightStorage storage = WeightStorage.packedIn(weights);
      WeightPanels panels = transformer.newPanels(false, storage);
      ParameterStore store = panels.newStore();
      for (Parameter parameter : initial.parameters()) {
        float[] values = initial.tensor(parameter).toArray();
        if (panels.holds(parameter)) {
          panels.packHeld(parameter, 0, values.length / parameter.rowSize(), values);
        } else {
          System.arraycopy(values, 0, store.data(), store.offset(parameter), values.length);
        }
      }
      decoder = transformer.newDecoder(store, panels, benchmark.pool);
      floats = (double) transformer.weightBytes(storage) / Float.BYTES;
    }
  }

  /** Two arrays for each thread. */
  @State(Scope.Benchmark)
  public static class Arrays {

    private float[][] from;
    private float[][] to;
    private double[] sums;

    @Setup(Level.Trial)
    public void setup(GenerationBenchmark benchmark) {
      from = new float[benchmark.threads][COPIED];
      to = new float[benchmark.threads][COPIED];
      benchmark.copyTask =
          (index, worker) -> System.arraycopy(from[index], 0, to[index], 0, COPIED);
      sums = new double[benchmark.threads];
      Reduction reduction = VectorKernels.create().reduction();
      benchmark.readTask =
          (index, worker) -> sums[index] = reduction.sumOfSquares(COPIED, from[index], 0);
    }
  }

  /** One token: the score is tokens per second. */
  @Benchmark
  public float token(Model model, KernelBenchmark.Traffic traffic) {
    if (model.decoder.position() == model.decoder.context()) {
      model.decoder.reset();
    }
    traffic.add(model.floats);
    return model.decoder.accept(model.decoder.position())[0];
  }

  /** What memory allows: bytes read and bytes written. */
  @Benchmark
  public float copy(Arrays arrays, KernelBenchmark.Traffic traffic) {
    pool.run(threads, copyTask);
    traffic.add(2.0 * threads * COPIED);
    return arrays.to[0][0];
  }

  /** What memory allows where nothing is written: sums of squares. */
  @Benchmark
  public double read(Arrays arrays, KernelBenchmark.Traffic traffic) {
    pool.run(threads, readTask);
    traffic.add(1.0 * threads * COPIED);
    return arrays.sums[0];
  }
}
