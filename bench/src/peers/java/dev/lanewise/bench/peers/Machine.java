package dev.lanewise.bench.peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.run.metrics.PeakFlops;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;

/**
 * What figures were measured on.
 *
 * @param cpu the processor's name, family and model
 * @param cores how many there were
 * @param vectors the widest vector instructions
 * @param system operating system
 * @param jdk the JVM
 * @param flags the JVM's flags
 * @param date day, UTC
 * @param peakOfOneThread GFLOP/s of fused multiply-adds on one thread
 * @param peakOfTwoThreads the same on two threads
 */
record Machine(
    String cpu,
    int cores,
    String vectors,
    String system,
    String jdk,
    List<String> flags,
    String date,
    double peakOfOneThread,
    double peakOfTwoThreads) {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** Looks at this machine and measures its peak. */
  static Machine here() throws IOException {
    String facts = Files.readString(Path.of("/proc/cpuinfo"));
    String cpu =
        "%s (family %s, model %s)"
            .formatted(fact(facts, "model name"), fact(facts, "cpu family"), fact(facts, "model"));
    String vectors =
        facts.contains(" avx512f ") ? "AVX-512" : facts.contains(" avx2 ") ? "AVX2" : "SSE";
    if (vectors.equals("AVX-512") && VectorKernels.preferredBits() < 512) {
      vectors = "AVX-512 kept to AVX2";
    }
    return new Machine(
        cpu,
        Runtime.getRuntime().availableProcessors(),
        vectors,
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.vendor") + " " + System.getProperty("java.vm.version"),
        ManagementFactory.getRuntimeMXBean().getInputArguments(),
        LocalDate.now(ZoneOffset.UTC).toString(),
        PeakFlops.measureGigaflops(1),
        PeakFlops.measureGigaflops(2));
  }

  private static String fact(String facts, String name) {
    return facts
        .lines()
        .filter(line -> line.substring(0, Math.max(0, line.indexOf(':'))).strip().equals(name))
        .findFirst()
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .orElse("unknown");
  }

  /** Whether figures of the other can stand beside figures of this one. */
  boolean isLike(Machine other) {
    return cpu.equals(other.cpu)
        && cores == other.cores
        && vectors.equals(other.vectors)
        && jdk.equals(other.jdk)
        && flags.equals(other.flags);
  }

  /** Reads what {@link #write} wrote. */
  static Machine read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), Machine.class);
  }

  void write(Path file) throws IOException {
    JSON.writeValue(file.toFile(), this);
  }
}
