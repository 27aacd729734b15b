package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Every variant that is benchmarked computes what the scalar definition does, bit for bit. */
class BenchmarksTest {

  @ParameterizedTest
  @ValueSource(
      classes = {
        AdamWBenchmark.class,
        AttentionBenchmark.class,
        CrossEntropyBenchmark.class,
        DropoutBenchmark.class,
        ElementwiseBenchmark.class,
        EmbeddingBenchmark.class,
        GeluBenchmark.class,
        LayerNormBenchmark.class,
        MatmulBenchmark.class,
        ReductionBenchmark.class,
        SoftmaxBenchmark.class,
        TranscendentalBenchmark.class
      })
  void everyVariantComputesTheDefinition(Class<? extends KernelBenchmark> type) throws Exception {
    List<Method> benchmarks = new ArrayList<>();
    for (Method method : type.getDeclaredMethods()) {
      if (method.isAnnotationPresent(Benchmark.class)) {
        benchmarks.add(method);
      }
    }
    assertThat(benchmarks).isNotEmpty();
    List<String> variants = List.of(type.getField("variant").getAnnotation(Param.class).value());
    assertThat(variants).contains("scalar", "vector");
    for (Method method : benchmarks) {
      float[] expected = result(type, method, "scalar");
      for (String variant : variants) {
        assertThat(result(type, method, variant))
            .as("%s, %s", method.getName(), variant)
            .isEqualTo(expected);
      }
    }
  }

  /** Runs a benchmark once, on the first of its sizes. */
  private static float[] result(
      Class<? extends KernelBenchmark> type, Method method, String variant) throws Exception {
    KernelBenchmark benchmark = type.getDeclaredConstructor().newInstance();
    for (Field field : type.getFields()) {
      Param param = field.getAnnotation(Param.class);
      if (field.getName().equals("variant")) {
        field.set(benchmark, variant);
      } else if (field.getType() == int.class) {
        field.set(benchmark, Integer.valueOf(param.value()[0]));
      } else {
        field.set(benchmark, param.value()[0]);
      }
    }
    type.getMethod("setup").invoke(benchmark);
    Object counters = method.getParameterTypes()[0].getDeclaredConstructor().newInstance();
    method.invoke(benchmark, counters);
    Field counter = counters.getClass().getFields()[0];
    assertThat(counter.getDouble(counters)).as(counter.getName()).isPositive();
    return benchmark.result();
  }
}
