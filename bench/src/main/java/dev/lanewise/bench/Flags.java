package dev.lanewise.bench;

/** The JVM flags of every fork: the launcher's, because the kernels' speed depends on them. */
final class Flags {
  static final String ADD_MODULES = "--add-modules=jdk.incubator.vector";
  static final String COLLECTOR = "-XX:+UseG1GC";
  static final String SAFEPOINTS = "-XX:+UseCountedLoopSafepoints";
  static final String STRIP_MINING = "-XX:LoopStripMiningIter=1000";
  static final String SPILLING = "-XX:-UseFPUForSpilling";
  static final String YOUNG_GENERATION = "-XX:MaxNewSize=32m";
  static final String FREE_HEAP = "-XX:MinHeapFreeRatio=10";

  /** Lets a JVM that has no huge pages to ask for start all the same. */
  static final String IGNORE_UNKNOWN = "-XX:+IgnoreUnrecognizedVMOptions";

  static final String HUGE_PAGES = "-XX:+UseTransparentHugePages";
  static final String HEAP = "-XX:InitialRAMPercentage=25";

  private Flags() {}
}
