package dev.lanewise.trainer.cli;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.CacheLine;
import dev.lanewise.kernels.Matmul;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.cli.jvm.Cores;
import dev.lanewise.trainer.cli.jvm.JvmFacts;
import dev.lanewise.trainer.run.metrics.PeakFlops;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
final class DoctorCommand extends Subcommand {

  /** A product of this size in cache reaches more where nothing is wrong. */
  private static final double LOW_FRACTION = 0.4;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute (default: physical cores)")
  private Integer threads;

  @Override
  int run() {
    int workers = requireThreads(threads);
    JvmFacts jvm = new JvmFacts();
    Matmul matmul = VectorKernels.create().matmul();
    show("Java", jvm.java());
    show("Compiler", jvm.compiler());
    show("Collector", jvm.collector());
    show("Flags", jvm.flags());
    show(
        "Vectors",
        "%d bits (the hardware prefers %d)"
            .formatted(VectorKernels.bits(), VectorKernels.preferredBits()));
    show("Arrays", "elements begin %d bytes into them".formatted(CacheLine.arrayHeaderBytes()));
    show("Fused multiply-add", jvm.hasFma() ? "yes" : "NO");
    show(
        "Processors",
        "%d of %d, on %d physical cores: threads unless --threads says otherwise"
            .formatted(jvm.processors(), jvm.machineProcessors(), Cores.physical()));
    show(
        "Heap",
        "may grow to %s of %s"
            .formatted(
                Amounts.bytes(Runtime.getRuntime().maxMemory()), Amounts.bytes(jvm.memory())));
    List<String> ofJvm = jvm.warnings();
    List<String> measured = new ArrayList<>();
    if (!ofJvm.isEmpty()) {
      out().println();
      warn(ofJvm);
      out().println();
    }
    out().flush();
    measure(matmul, 1, measured);
    if (workers > 1) {
      measure(matmul, workers, measured);
    }
    out().println();
    warn(measured);
    if (ofJvm.isEmpty() && measured.isEmpty()) {
      out().println("Nothing here makes training slow.");
    }
    return 0;
  }

  private void measure(Matmul matmul, int workers, List<String> warnings) {
    double peak = PeakFlops.measureGigaflops(workers);
    double reached;
    try (WorkerPool pool = new WorkerPool(workers)) {
      reached = MatmulSpeed.gigaflops(matmul, pool);
    }
    String name = workers == 1 ? "1 thread" : workers + " threads";
    show(
        "Speed, " + name,
        String.format(
            Locale.ROOT,
            "peak %.1f GFLOP/s; matmul of %d x %d: %.1f GFLOP/s, %.0f %% of it",
            peak,
            MatmulSpeed.SIZE,
            MatmulSpeed.SIZE,
            reached,
            100 * reached / peak));
    out().flush();
    if (reached < LOW_FRACTION * peak) {
      warnings.add(
          "on %s matmul stays far below the peak: other programs may be using the processors"
              .formatted(name));
    }
  }

  private void warn(List<String> warnings) {
    warnings.forEach(warning -> out().println("WARNING: " + warning));
  }

  private void show(String name, String value) {
    out().printf("%-19s %s%n", name, value);
  }
}
