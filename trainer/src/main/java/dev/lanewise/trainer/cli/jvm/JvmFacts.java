package dev.lanewise.trainer.cli.jvm;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import dev.lanewise.kernels.vector.VectorKernels;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What this JVM is and how it was started, as far as the speed of training depends on it. */
public final class JvmFacts {

  private static final int C2_LEVEL = 4;

  private final HotSpotDiagnosticMXBean hotSpot =
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);

  /** The value of a HotSpot flag; nothing if this JVM has none of that name. */
  Optional<String> flag(String name) {
    try {
      return hotSpot == null ? Optional.empty() : Optional.of(hotSpot.getVMOption(name).getValue());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private boolean isFlag(String name, String value) {
    return flag(name).filter(value::equals).isPresent();
  }

  public String java() {
    return "%s, %s (%s)"
        .formatted(
            Runtime.version(),
            System.getProperty("java.vm.name"),
            System.getProperty("java.vendor"));
  }

  boolean isInterpreted() {
    return ManagementFactory.getCompilationMXBean() == null
        || System.getProperty("java.vm.info", "").contains("interpreted mode");
  }

  boolean hasC2() {
    return !isInterpreted()
        && flag("TieredStopAtLevel").map(Integer::valueOf).orElse(0) >= C2_LEVEL
        && !isFlag("UseJVMCICompiler", "true")
        && !System.getProperty("java.vm.name", "").contains("Client");
  }

  public String compiler() {
    if (isInterpreted()) {
      return "none: interpreted (-Xint)";
    }
    String name = ManagementFactory.getCompilationMXBean().getName();
    return (hasC2() ? "C2" : "no C2") + " (" + name + ")";
  }

  boolean hasOurCollector() {
    return isFlag("UseG1GC", "true");
  }

  public String collector() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .map(GarbageCollectorMXBean::getName)
        .collect(Collectors.joining(", "));
  }

  boolean hasStripMining() {
    return isFlag("UseCountedLoopSafepoints", "true") && isFlag("LoopStripMiningIter", "1000");
  }

  public boolean hasFma() {
    return flag("UseFMA").map("true"::equals).orElse(true);
  }

  public String flags() {
    return Stream.of(
            "UseCountedLoopSafepoints",
            "LoopStripMiningIter",
            "UseFPUForSpilling",
            "UseTransparentHugePages",
            "UseFMA")
        .flatMap(name -> flag(name).map(value -> name + "=" + value).stream())
        .collect(Collectors.joining(" "));
  }

  /** Processors that the JVM may use. */
  public int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** Processors of the machine, where Linux says so; else those that the JVM may use. */
  public int machineProcessors() {
    Path cpus = Path.of("/proc/cpuinfo");
    try (Stream<String> lines = Files.lines(cpus)) {
      return Math.max(processors(), (int) lines.filter(l -> l.startsWith("processor")).count());
    } catch (IOException | RuntimeException e) {
      return processors();
    }
  }

  public long memory() {
    var system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return system == null ? 0 : system.getTotalMemorySize();
  }

  /** One line for everything that makes training slower than it need be. */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    if (isInterpreted()) {
      warnings.add("the JVM compiles nothing: start it without -Xint");
    } else if (!hasC2()) {
      warnings.add(
          "this JVM lacks C2, without which vector code runs hundreds of times slower: use HotSpot"
              + " from an OpenJDK build (Temurin, for example), without -XX:TieredStopAtLevel");
    }
    if (!hasFma()) {
      warnings.add("no fused multiply-add: the processor lacks it, or -XX:-UseFMA was given");
    }
    if (!hasOurCollector() || !hasStripMining()) {
      warnings.add(
          "the JVM was started without flags that the kernels' speed depends on; use ./lanewise, or"
              + " give: "
              + String.join(" ", JvmFlags.with(System.getProperty("os.name"), List.of())));
    }
    if (VectorKernels.bits() != VectorKernels.preferredBits()) {
      warnings.add(
          "-Dlanewise.vectorBits=%d, but the hardware prefers %d"
              .formatted(VectorKernels.bits(), VectorKernels.preferredBits()));
    }
    if (VectorKernels.preferredBits() < 256 && isX64()) {
      warnings.add("vectors of 128 bits: the processor has no AVX2, or -XX:UseAVX hides it");
    }
    if (processors() < machineProcessors()) {
      warnings.add(
          "%d of %d processors may be used: a container or a CPU affinity limits them"
              .formatted(processors(), machineProcessors()));
    }
    return warnings;
  }

  private static boolean isX64() {
    String architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return architecture.equals("amd64") || architecture.equals("x86_64");
  }
}
