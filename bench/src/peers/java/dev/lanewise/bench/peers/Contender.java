package dev.lanewise.bench.peers;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A program that measures a training step, started in a JVM of its own.
 *
 * @param program what follows the JVM's flags
 * @param environment variables added to this process's
 */
record Contender(String name, List<String> program, Map<String, String> environment) {

  private static final long POLL_MILLIS = 50;

  /**
   * A heap of huge pages that is not handed back to the system. By default glibc unmaps every large
   * tensor when it is freed, and the page faults of the next one cost PyTorch a quarter of the
   * step.
   */
  private static final Map<String, String> MEMORY =
      Map.of(
          "MALLOC_MMAP_MAX_", "0",
          "MALLOC_TRIM_THRESHOLD_", "100000000000",
          "MALLOC_TOP_PAD_", "268435456",
          "MALLOC_ARENA_MAX", "1",
          "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");

  static Contender lanewise(Path jar) {
    return new Contender(StepTable.LANEWISE, List.of("-jar", jar.toString(), "bench"), Map.of());
  }

  static Contender pyTorch(TorchRuntime.Blas build) {
    String id = build.name().toLowerCase(Locale.ROOT);
    Map<String, String> environment = new HashMap<>(MEMORY);
    if (build == TorchRuntime.Blas.OPENBLAS) {
      // Two libraries with threads of their own share the cores: the one must not spin while the
      // other works.
      environment.put("OMP_WAIT_POLICY", "passive");
    }
    return new Contender(
        "pytorch-" + id,
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            PyTorchStep.class.getName(),
            "--blas",
            id),
        environment);
  }

  /**
   * Runs the program to its end.
   *
   * @throws IllegalStateException if it fails
   */
  StepResult run(int round, List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(program);
    command.addAll(arguments);
    Path output = Files.createTempFile("lanewise-compare", ".out");
    Path errors = Files.createTempFile("lanewise-compare", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile());
      builder.environment().putAll(environment);
      Company company = Company.watch();
      Process process = builder.start();
      long peak = 0;
      double own = 0;
      while (process.isAlive()) {
        peak = Math.max(peak, peakMegabytes(process.pid()));
        own = Math.max(own, Company.secondsOf(process.pid()));
        Thread.sleep(POLL_MILLIS);
      }
      double others = company.share(own);
      List<String> lines = Files.readAllLines(output);
      if (process.exitValue() != 0 || lines.isEmpty()) {
        throw new IllegalStateException(
            String.join(" ", command) + " failed:\n" + Files.readString(errors));
      }
      return StepResult.parse(round, name, lines.getLast(), peak, others);
    } finally {
      Files.delete(output);
      Files.delete(errors);
    }
  }

  /** The kernel's own high-water mark, as long as the process is there to ask about. */
  private static long peakMegabytes(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", "" + pid, "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
