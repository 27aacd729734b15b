package dev.lanewise.bench.peers;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.vector.VectorKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * The products of the presets' linear layers: Lanewise beside OpenBLAS and MKL, each on the same
 * number of threads. Run by {@link MatmulComparison}, which turns times into GFLOP/s.
 *
 * <p>{@code lanewise} packs B in every call, as {@code cblas_sgemm} has to. {@code prepacked} has W
 * packed beforehand, as a training step has (a gradient is packed in any case).
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
@Fork(5)
public class MatmulPeers {

  private static final int CHECKED = 200;
  private static final double TOLERANCE = 1e-4;
  private static final long ALIGNMENT = 64;

  /** Who multiplies. */
  @Param({"lanewise", "prepacked", "openblas", "mkl"})
  public String variant;

  /** Threads that multiply. */
  @Param({"1", "2"})
  public int threads;

  /** Which of a layer's three products. */
  @Param({"XW", "DYWT", "XTDY"})
  public String form;

  /** Rows x in x out. */
  @Param({
    "4096x128x384",
    "768x128x512",
    "4096x128x5000",
    "768x128x65",
    "4096x384x1536",
    "1024x1536x384",
    "64x768x2304",
    "256x768x3072",
    "256x768x50257"
  })
  public String shape;

  private WorkerPool pool;
  private Runnable call;

  /** Makes the matrices, and checks the product before its speed is measured. */
  @Setup(Level.Trial)
  public void setUp() {
    Product product = Product.parse(form, shape);
    float[] a = random(product.m() * product.k(), 1);
    float[] b = random(product.n() * product.k(), 2);
    pool = new WorkerPool(threads);
    if (variant.equals("lanewise") || variant.equals("prepacked")) {
      LanewiseProduct lanewise = prepareLanewise(product, a, b);
      call.run();
      check(product, a, b, lanewise.result());
    } else {
      MemorySegment result =
          prepareNative(
              product, NativeBlas.Library.valueOf(variant.toUpperCase(Locale.ROOT)), a, b);
      call.run();
      check(product, a, b, result.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  private LanewiseProduct prepareLanewise(Product product, float[] a, float[] b) {
    var lanewise = new LanewiseProduct(product, VectorKernels.create().matmul(), pool, a, b);
    if (variant.equals("prepacked") && product.form() != Product.Form.XTDY) {
      lanewise.pack();
      call = lanewise::multiply;
    } else {
      call = lanewise::packAndMultiply;
    }
    return lanewise;
  }

  private MemorySegment prepareNative(
      Product product, NativeBlas.Library library, float[] a, float[] b) {
    NativeBlas blas = library.load(threads);
    MemorySegment aCopy = copy(a);
    MemorySegment bCopy = copy(b);
    MemorySegment c = copy(new float[product.m() * product.n()]);
    call =
        () ->
            blas.multiply(
                product.m(),
                product.n(),
                product.k(),
                aCopy,
                product.isATransposed(),
                bCopy,
                product.isBTransposed(),
                c,
                product.accumulates());
    return c;
  }

  private static MemorySegment copy(float[] values) {
    MemorySegment segment = Arena.global().allocate((long) values.length * Float.BYTES, ALIGNMENT);
    MemorySegment.copy(values, 0, segment, ValueLayout.JAVA_FLOAT, 0, values.length);
    return segment;
  }

  private static float[] random(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  private void check(Product product, float[] a, float[] b, float[] c) {
    int m = product.m();
    int n = product.n();
    int k = product.k();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < CHECKED; i++) {
      int row = random.nextInt(m);
      int column = random.nextInt(n);
      double sum = 0;
      for (int p = 0; p < k; p++) {
        float x = a[product.isATransposed() ? p * m + row : row * k + p];
        float y = b[product.isBTransposed() ? column * k + p : p * n + column];
        sum += (double) x * y;
      }
      double error = Math.abs(c[row * n + column] - sum) / Math.sqrt(k);
      if (!(error <= TOLERANCE)) {
        throw new IllegalStateException(
            "%s, %s of %s: element (%d, %d) is %s, not %s"
                .formatted(variant, form, shape, row, column, c[row * n + column], sum));
      }
    }
  }

  /** Stops the workers. */
  @TearDown(Level.Trial)
  public void tearDown() {
    pool.close();
  }

  /** One product. */
  @Benchmark
  public void multiply() {
    call.run();
  }
}
