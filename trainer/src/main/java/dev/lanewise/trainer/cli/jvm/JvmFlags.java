package dev.lanewise.trainer.cli.jvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The JVM flags that Lanewise needs, and those that its speed depends on. The launchers and the
 * build carry the same list, and a test compares them.
 */
public final class JvmFlags {
  public static final String VECTOR_MODULE = "jdk.incubator.vector";

  /**
   * Flags of every JVM. Strip mining is spelled out because collectors differ in its default. An
   * address that C2 keeps in a vector register, and fetches in each turn of the inner loop, costs a
   * matrix product up to a tenth: hence no FPU for spilling. The heap is kept small: a model's
   * arrays live for ever, and what else is allocated is gone at once.
   */
  static final List<String> COMMON =
      List.of(
          "--add-modules",
          VECTOR_MODULE,
          "-XX:+UseG1GC",
          "-XX:+UseCountedLoopSafepoints",
          "-XX:LoopStripMiningIter=1000",
          "-XX:-UseFPUForSpilling",
          "-XX:MaxNewSize=32m",
          "-XX:MinHeapFreeRatio=10");

  /**
   * Flags of Linux: one that a JVM on another system would refuse to start with, and one that
   * reserves memory there. G1 puts young objects at the end of the heap; in a heap that grows they
   * leave pages behind wherever that was. So it has its default size from the beginning, which
   * costs nothing where a page is none until it is written to.
   */
  static final List<String> LINUX =
      List.of("-XX:+UseTransparentHugePages", "-XX:InitialRAMPercentage=25");

  private JvmFlags() {}

  /**
   * The flags to start with: ours, then the user's, so that the user's win.
   *
   * @param osName the system, as in the property {@code os.name}
   * @param userFlags JVM flags of the user; a collector named here replaces ours, because a JVM
   *     does not start with two
   */
  public static List<String> with(String osName, List<String> userFlags) {
    List<String> flags = new ArrayList<>(COMMON);
    if (osName.toLowerCase(Locale.ROOT).startsWith("linux")) {
      flags.addAll(LINUX);
    }
    if (userFlags.stream().anyMatch(JvmFlags::selectsCollector)) {
      flags.removeIf(JvmFlags::selectsCollector);
    }
    flags.addAll(userFlags);
    return List.copyOf(flags);
  }

  private static boolean selectsCollector(String flag) {
    return flag.startsWith("-XX:+Use") && flag.endsWith("GC");
  }
}
