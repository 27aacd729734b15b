package dev.lanewise.trainer.cli.jvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Physical cores: where two processors are threads of one core they share the units that multiply,
 * and a second thread only gets in the way of the first.
 */
public final class Cores {

  private static final Path PROCESSORS = Path.of("/sys/devices/system/cpu");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String ALLOWED = "Cpus_allowed_list:";

  private Cores() {}

  /** Returns the cores that this JVM may use; where the system does not say, the processors. */
  public static int physical() {
    return physical(PROCESSORS, STATUS, Runtime.getRuntime().availableProcessors());
  }

  /**
   * Counts the cores of the processors that may be used.
   *
   * @param available processors that the JVM counts, fewer where a container has a quota of time
   */
  static int physical(Path processors, Path status, int available) {
    try {
      Set<String> cores = new HashSet<>();
      for (int processor : allowed(status)) {
        Path topology = processors.resolve("cpu" + processor).resolve("topology");
        cores.add(Files.readString(topology.resolve("thread_siblings_list")).strip());
      }
      return cores.isEmpty() ? available : Math.min(available, cores.size());
    } catch (IOException | RuntimeException e) {
      return available;
    }
  }

  private static List<Integer> allowed(Path status) throws IOException {
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith(ALLOWED)) {
        return numbers(line.substring(ALLOWED.length()).strip());
      }
    }
    return List.of();
  }

  /** Reads the kernel's lists, such as 0-3,8. */
  private static List<Integer> numbers(String list) {
    List<Integer> numbers = new ArrayList<>();
    for (String range : list.split(",", -1)) {
      String[] ends = range.split("-", -1);
      int last = Integer.parseInt(ends[ends.length - 1]);
      for (int number = Integer.parseInt(ends[0]); number <= last; number++) {
        numbers.add(number);
      }
    }
    return numbers;
  }
}
