package dev.lanewise.trainer.cli.jvm;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How tests start a JVM of their own, and what they may do to it. */
public final class ChildJvm {

  private ChildJvm() {}

  /** Returns the command that runs a class of this build on this JVM's Java. */
  public static List<String> command(
      List<String> jvmFlags, Class<?> mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmFlags);
    command.addAll(List.of("-cp", classPath(), mainClass.getName()));
    command.addAll(arguments);
    return command;
  }

  /** All that this test sees, wherever the build put it. */
  private static String classPath() {
    return Stream.of(
            System.getProperty("jdk.module.path"),
            System.getProperty("java.class.path"),
            Path.of("target", "test-classes").toString())
        .filter(path -> path != null && !path.isEmpty())
        .flatMap(paths -> Arrays.stream(paths.split(File.pathSeparator)))
        .map(path -> Path.of(path).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Sends a signal, such as {@code TERM}, to all these at once. */
  public static void signal(String name, long... pids) throws IOException, InterruptedException {
    String all = Arrays.stream(pids).mapToObj(Long::toString).collect(Collectors.joining(" "));
    String command = "kill -" + name + " " + all;
    if (new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor() != 0) {
      throw new IOException(command + " failed");
    }
  }

  /**
   * Whether JVMs started from here ignore INT: a shell gives it to what it runs in the background
   * as a signal to ignore, and a JVM leaves that so.
   */
  public static boolean ignoreInterrupt() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return false;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("SigIgn:"))
        .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
  }
}
