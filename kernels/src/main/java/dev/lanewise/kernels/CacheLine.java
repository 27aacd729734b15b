package dev.lanewise.kernels;

import java.util.stream.Stream;

/**
 * Where cache lines begin in a large {@code float[]}, and which strides keep them apart. G1 starts
 * an object of more than half a region at a multiple of 64 bytes. HotSpot puts the elements 16
 * bytes after the start of the object, or 12 with compact headers, so that a line begins at element
 * 12 or 13, and every 16 after it. A vector of 512 bits that does not begin there lies in two
 * lines, and takes two accesses to load.
 *
 * <p>Only speed rests on this: on another JVM, or for a small array, offsets from here are as good
 * as any. So the header's size is what the JVM's version and its command line let expect. The only
 * ways to ask are {@code sun.misc.Unsafe}, which is on its way out, and the management beans, for
 * which every user of the kernels would have to load a module.
 */
public final class CacheLine {

  /** Floats in a line of 64 bytes. */
  public static final int FLOATS = 16;

  private static final int BYTES = FLOATS * Float.BYTES;

  /** Bytes before the elements: overrides what is expected. */
  private static final String PROPERTY = "lanewise.arrayHeaderBytes";

  private static final int PLAIN = 16;
  private static final int COMPACT = 12;

  /** The first version whose headers are compact unless it is told otherwise. */
  private static final int COMPACT_SINCE = 27;

  private static final String FLAG = "UseCompactObjectHeaders";

  /** The first element that begins a line. */
  private static final int FIRST = (BYTES - headerBytes()) / Float.BYTES;

  /** Floats in a page of 4096 bytes: lines that far apart share their places in a cache. */
  private static final int ALIASING = 1024;

  private CacheLine() {}

  private static int headerBytes() {
    Stream<String> commandLine =
        ProcessHandle.current().info().arguments().stream().flatMap(Stream::of);
    Stream<String> options =
        Stream.of(
                environment("JAVA_TOOL_OPTIONS"),
                environment("JDK_JAVA_OPTIONS"),
                commandLine,
                environment("_JAVA_OPTIONS"))
            .flatMap(source -> source);
    boolean compact = compact(Runtime.version().feature(), options);
    return Integer.getInteger(PROPERTY, compact ? COMPACT : PLAIN);
  }

  private static Stream<String> environment(String variable) {
    String value = System.getenv(variable);
    return value == null ? Stream.of() : Stream.of(value.split("\\s+", -1));
  }

  /**
   * Whether headers are compact.
   *
   * @param version the JVM's
   * @param options its options; a later one overrides an earlier one
   */
  static boolean compact(int version, Stream<String> options) {
    return options
        .filter(option -> option.startsWith("-XX:") && option.substring(5).equals(FLAG))
        .map(option -> option.charAt(4) == '+')
        .reduce(version >= COMPACT_SINCE, (former, latter) -> latter);
  }

  /** Returns the bytes of an array that are taken to lie before its elements. */
  public static int arrayHeaderBytes() {
    return BYTES - FIRST * Float.BYTES;
  }

  /** Returns the least offset not below that one at which a line begins. */
  public static long start(long offset) {
    return Math.ceilDiv(offset - FIRST, FLOATS) * FLOATS + FIRST;
  }

  /**
   * Returns a stride for rows of n floats that are read down their columns: n, or a line more where
   * a column's elements would compete for the same few places in the caches.
   */
  public static int columnStride(int n) {
    return n % ALIASING == 0 ? n + FLOATS : n;
  }
}
