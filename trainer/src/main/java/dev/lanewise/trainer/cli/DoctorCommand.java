package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.cli.jvm.Cores;
import dev.lanewise.trainer.cli.jvm.JvmFacts;
import dev.lanewise.trainer.run.metrics.PeakFlops;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code lanewise doctor}. */
@Command(
    name = "doctor",
    description = {
      "Says what makes training slow on this machine.",
      "",
      "Looks at the JVM, its compiler, collector and flags, the width of vectors,",
      "processors and memory. Measures the peak of fused multiply-adds and what a",
      "matrix product reaches of it."
    },
    footer = {"", "Example:", "  lanewise doctor --threads 2"})
final class DoctorCommand extends WatchedCommand {

  /** A product of this size in cache reaches more where nothing is wrong. */
  private static final double LOW_FRACTION = 0.4;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute (default: physical cores)")
  private Integer threads;

  /** What is found is what is asked for. */
  @Override
  boolean tellsOnOut() {
    return true;
  }

  @Override
  int run(Display display) {
    int workers = requireThreads(threads);
    JvmFacts jvm = new JvmFacts();
    display.tell(new Machine(jvm));
    List<String> warnings = new ArrayList<>(jvm.warnings());
    warnings.forEach(warning -> display.result(new Slow(warning)));
    Matmul matmul = VectorKernels.create().matmul();
    for (int measured : workers == 1 ? List.of(1) : List.of(1, workers)) {
      Speed speed = Speed.of(matmul, measured);
      display.tell(speed);
      if (speed.isLow()) {
        Slow slow = new Slow(speed.warning());
        display.result(slow);
        warnings.add(slow.message);
      }
    }
    display.result(new Verdict(warnings.size()));
    return 0;
  }

  private static String line(String name, String value) {
    return String.format("%-19s %s", name, value);
  }

  /** What there is. */
  private record Machine(JvmFacts jvm) implements Message {

    @Override
    public String type() {
      return "machine";
    }

    @Override
    public String text() {
      return Stream.of(
              line("Java", jvm.java()),
              line("Compiler", jvm.compiler()),
              line("Collector", jvm.collector()),
              line("Flags", jvm.flags()),
              line(
                  "Vectors",
                  "%d bits (the hardware prefers %d)"
                      .formatted(VectorKernels.bits(), VectorKernels.preferredBits())),
              line(
                  "Arrays",
                  "elements begin %d bytes into them".formatted(CacheLine.arrayHeaderBytes())),
              line("Fused multiply-add", jvm.hasFma() ? "yes" : "NO"),
              line(
                  "Processors",
                  "%d of %d, on %d physical cores: threads unless --threads says otherwise"
                      .formatted(jvm.processors(), jvm.machineProcessors(), Cores.physical())),
              line(
                  "Heap",
                  "may grow to %s of %s"
                      .formatted(
                          Amounts.bytes(Runtime.getRuntime().maxMemory()),
                          Amounts.bytes(jvm.memory()))))
          .collect(Collectors.joining(System.lineSeparator()));
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("java", jvm.java());
      json.writeStringField("compiler", jvm.compiler());
      json.writeStringField("collector", jvm.collector());
      json.writeStringField("flags", jvm.flags());
      json.writeNumberField("vector_bits", VectorKernels.bits());
      json.writeNumberField("preferred_vector_bits", VectorKernels.preferredBits());
      json.writeNumberField("array_header_bytes", CacheLine.arrayHeaderBytes());
      json.writeBooleanField("fma", jvm.hasFma());
      json.writeNumberField("processors", jvm.processors());
      json.writeNumberField("machine_processors", jvm.machineProcessors());
      json.writeNumberField("physical_cores", Cores.physical());
      json.writeNumberField("heap_bytes", Runtime.getRuntime().maxMemory());
      json.writeNumberField("memory_bytes", jvm.memory());
    }
  }

  /** What so many threads reach. */
  private record Speed(int threads, double peak, double reached) implements Message {

    static Speed of(Matmul matmul, int threads) {
      double peak = PeakFlops.measureGigaflops(threads);
      try (WorkerPool pool = new WorkerPool(threads)) {
        return new Speed(threads, peak, MatmulSpeed.gigaflops(matmul, pool));
      }
    }

    boolean isLow() {
      return reached < LOW_FRACTION * peak;
    }

    private String name() {
      return Counted.of(threads, "thread");
    }

    String warning() {
      return "on %s matmul stays far below the peak: other programs may be using the processors"
          .formatted(name());
    }

    @Override
    public String type() {
      return "speed";
    }

    @Override
    public String text() {
      return line(
          "Speed, " + name(),
          String.format(
              Locale.ROOT,
              "peak %.1f GFLOP/s; matmul of %d x %d: %.1f GFLOP/s, %.0f %% of it",
              peak,
              MatmulSpeed.SIZE,
              MatmulSpeed.SIZE,
              reached,
              100 * reached / peak));
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeNumberField("threads", threads);
      Message.number(json, "peak_gflops", peak);
      Message.number(json, "matmul_gflops", reached);
      Message.number(json, "peak_fraction", reached / peak);
    }
  }

  /** Something that makes training slow. */
  private record Slow(String message) implements Message {

    @Override
    public String type() {
      return "warning";
    }

    @Override
    public String text() {
      return "WARNING: " + message;
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("message", message);
    }
  }

  /** What it comes to. */
  private record Verdict(int warnings) implements Message {

    @Override
    public String type() {
      return "result";
    }

    @Override
    public String text() {
      return switch (warnings) {
        case 0 -> "Nothing here makes training slow.";
        case 1 -> "One thing here makes training slow: see the warning.";
        default -> warnings + " things here make training slow: see the warnings.";
      };
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "doctor");
      json.writeNumberField("warnings", warnings);
    }
  }
}
