package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.kernels.Precision;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every variant that is benchmarked computes what the scalar definition does, bit for bit. */
class BenchmarksTest {

  /** Most rows of a shape that are computed here: the scalar variant is slow. */
  private static final int MOST_ROWS = 33;

  /** What JMH would run, from the list that its annotation processor has written. */
  static List<String> benchmarks() throws ClassNotFoundException {
    OutputFormat silent = OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT);
    List<String> names = new ArrayList<>();
    for (BenchmarkListEntry entry : BenchmarkList.defaultList().getAll(silent, List.of())) {
      if (KernelBenchmark.class.isAssignableFrom(Class.forName(entry.getUserClassQName()))) {
        names.add(entry.getUsername());
      }
    }
    return names;
  }

  @Test
  void thereIsOneForEveryKernel() throws ClassNotFoundException {
    List<String> classes =
        benchmarks().stream().map(name -> name.substring(0, name.lastIndexOf('.'))).toList();
    String before = KernelBenchmark.class.getPackageName() + ".";
    assertThat(KernelSet.class.getRecordComponents())
        .extracting(RecordComponent::getName)
        .filteredOn(name -> !name.equals("name"))
        .allSatisfy(
            kernel ->
                assertThat(classes)
                    .contains(
                        before
                            + Character.toUpperCase(kernel.charAt(0))
                            + kernel.substring(1)
                            + "Benchmark"));
    assertThat(benchmarks())
        .contains(before + "MatmulBenchmark.pack", before + "AttentionBenchmark.extend");
  }

  @ParameterizedTest
  @MethodSource("benchmarks")
  void everyVariantComputesTheDefinition(String name) throws Exception {
    int dot = name.lastIndexOf('.');
    Class<? extends KernelBenchmark> type =
        Class.forName(name.substring(0, dot)).asSubclass(KernelBenchmark.class);
    Method method =
        Arrays.stream(type.getMethods())
            .filter(m -> m.getName().equals(name.substring(dot + 1)))
            .findFirst()
            .orElseThrow();
    String[] variants = params(type, "variant");
    assertThat(variants).contains("scalar", "vector");
    Field size = sizeField(type);
    for (Precision precision : precisions(type)) {
      for (String value : params(type, size.getName())) {
        Object[] expected = outputs(type, method, "scalar", precision, size, value);
        for (String variant : variants) {
          Object[] found = outputs(type, method, variant, precision, size, value);
          for (int i = 0; i < expected.length; i++) {
            assertThat(found[i])
                .as("output %d of %s, %s, %s, %s", i, name, variant, precision, value)
                .isEqualTo(expected[i]);
          }
        }
      }
    }
  }

  /** Most benchmarks have one only, and do not say so. */
  private static List<Precision> precisions(Class<?> type) throws NoSuchFieldException {
    Optional<Field> field = precisionField(type);
    return field.isEmpty()
        ? List.of(Precision.F32)
        : Arrays.stream(params(type, field.get().getName())).map(Precision::valueOf).toList();
  }

  private static Optional<Field> precisionField(Class<?> type) {
    return Arrays.stream(type.getFields())
        .filter(field -> field.isAnnotationPresent(Param.class))
        .filter(field -> field.getType().equals(Precision.class))
        .findFirst();
  }

  private static String[] params(Class<?> type, String field) throws NoSuchFieldException {
    return type.getField(field).getAnnotation(Param.class).value();
  }

  private static Field sizeField(Class<?> type) {
    return Arrays.stream(type.getFields())
        .filter(field -> field.isAnnotationPresent(Param.class))
        .filter(field -> !field.getName().equals("variant"))
        .filter(field -> !field.getType().equals(Precision.class))
        .findFirst()
        .orElseThrow();
  }

  /** Runs a benchmark once; it has to count what it did, and to change something. */
  private static Object[] outputs(
      Class<? extends KernelBenchmark> type,
      Method method,
      String variant,
      Precision precision,
      Field size,
      String value)
      throws Exception {
    KernelBenchmark benchmark = type.getDeclaredConstructor().newInstance();
    type.getField("variant").set(benchmark, variant);
    Optional<Field> precisions = precisionField(type);
    if (precisions.isPresent()) {
      precisions.get().set(benchmark, precision);
    }
    if (size.getType() == int.class) {
      size.set(benchmark, Integer.valueOf(value));
    } else {
      size.set(benchmark, fewerRows(value));
    }
    type.getMethod("setup").invoke(benchmark);
    Object[] before = copies(benchmark.outputs());
    Object counters = method.getParameterTypes()[0].getDeclaredConstructor().newInstance();
    method.invoke(benchmark, counters);
    Field counter = counters.getClass().getFields()[0];
    assertThat(counter.getDouble(counters)).as(counter.getName()).isPositive();
    Object[] after = benchmark.outputs();
    assertThat(Arrays.deepEquals(after, before)).as("%s has no effect", method).isFalse();
    return after;
  }

  private static String fewerRows(String shape) {
    int[] sizes = KernelBenchmark.sizes(shape);
    int rows = Math.min(sizes[0], MOST_ROWS);
    return rows + shape.substring(shape.indexOf('x'));
  }

  private static Object[] copies(Object[] outputs) {
    return Arrays.stream(outputs)
        .map(output -> output instanceof float[] array ? array.clone() : output)
        .toArray();
  }
}
