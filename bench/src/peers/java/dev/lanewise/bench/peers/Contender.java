package dev.lanewise.bench.peers;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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

  /**
   * A build of PyTorch.
   *
   * @param peers the folder of the peers' jars
   */
  static Contender pyTorch(TorchBuild build, Path peers) {
    Map<String, String> environment = new HashMap<>(MEMORY);
    environment.putAll(build.environment());
    String own =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !Path.of(entry).startsWith(peers))
            .collect(Collectors.joining(File.pathSeparator));
    return new Contender(
        build.id(),
        List.of(
            "-cp",
            String.join(
                File.pathSeparator, own, peers.resolve(build.libraries()) + "/*", peers + "/*"),
            PyTorchStep.class.getName(),
            "--build",
            build.name()),
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
