package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.cli.jvm.EndedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A checkout with the real launcher in it, and a Java and a Maven that only tell what is asked of
 * them: Maven writes a line to {@link #builds} and a jar; Java prints its arguments and, if the
 * first of the user's is {@code hold}, stays until a file {@code go} appears.
 */
final class FakeCheckout {
  /** All that the launcher uses of a system, without flock. */
  private static final List<String> TOOLS =
      List.of(
          "sh",
          "awk",
          "cat",
          "cksum",
          "cmp",
          "cp",
          "date",
          "dirname",
          "env",
          "find",
          "grep",
          "ln",
          "locale",
          "mkdir",
          "mv",
          "od",
          "ps",
          "readlink",
          "rm",
          "sed",
          "sleep",
          "tail",
          "touch",
          "tr",
          "uname",
          "wc");

  private static final String JAVA =
      """
      #!/bin/sh
      echo "LC_ALL=${LC_ALL:-}"
      for argument; do printf '<%s>' "$argument"; done
      echo
      case " $* " in *" hold "*)
        jar=$(printf '%s\\n' "$@" | grep '\\.jar$')
        before=$(cksum <"$jar")
        echo "holds $before"
        while [ ! -e HOME/go ]; do sleep 0.02; done
        after=$(cksum <"$jar") || after=gone
        [ "$before" = "$after" ] && echo intact || echo "changed: $after"
      esac
      """;

  /** The jar's last 22 bytes are what the end of a zip file looks like. */
  private static final String MAVEN =
      """
      #!/bin/sh
      echo "$*" >>HOME/builds
      printf '\\033[0mMaven speaks\\033[1;31m\\n'
      [ ! -e HOME/broken ] || exit 1
      mkdir -p HOME/trainer/target/launcher
      sleep 0.3
      { date; wc -l <HOME/builds; printf 'PK\\005\\006..................'; } >HOME/trainer/target/launcher/lanewise.jar
      """;

  private final Path home;
  private final Map<String, String> environment = new HashMap<>();
  private boolean withHome = true;

  FakeCheckout(Path home, boolean flock) throws IOException {
    this.home = home;
    Files.copy(Path.of("..", "lanewise"), home.resolve("lanewise"));
    for (String module : List.of(".", "kernels", "engine", "model", "trainer")) {
      Files.createDirectories(home.resolve(module).resolve("src/main"));
      Files.createFile(home.resolve(module).resolve("pom.xml"));
    }
    Path tools = Files.createDirectory(home.resolve("tools"));
    List<String> wanted = new ArrayList<>(TOOLS);
    if (flock) {
      wanted.add("flock");
    }
    for (String tool : wanted) {
      for (String folder : List.of("/usr/bin", "/bin")) {
        Path program = Path.of(folder, tool);
        if (Files.exists(program) && Files.notExists(tools.resolve(tool))) {
          // No link: JUnit warns of each that it removes.
          program(tools.resolve(tool), "#!/bin/sh\nexec " + program + " \"$@\"\n");
        }
      }
    }
    program(tools.resolve("mvn"), MAVEN);
    program(home.resolve("jdk/bin/java"), JAVA);
    Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"25\"\n");
    environment.put("JAVA_HOME", home.resolve("jdk").toString());
    environment.put("PATH", tools.toString());
    environment.put("LC_ALL", "C");
  }

  private void program(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text.replace("HOME/", home + "/"));
    if (!file.toFile().setExecutable(true)) {
      throw new IOException(file + " cannot be made executable");
    }
  }

  FakeCheckout with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  FakeCheckout withoutHome() {
    withHome = false;
    return this;
  }

  Path file(String name) {
    return home.resolve(name);
  }

  /** Makes a source newer than any jar, as an editor does. */
  void touchASource() throws IOException {
    Files.setLastModifiedTime(file("model/pom.xml"), FileTime.from(Instant.now()));
  }

  /** Makes all sources older than anything that is written from now on. */
  void ageSources() throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.filter(f -> f.endsWith("pom.xml") || f.endsWith("main")).toList()) {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minusSeconds(60)));
      }
    }
  }

  List<String> builds() throws IOException {
    return Files.exists(file("builds")) ? Files.readAllLines(file("builds")) : List.of();
  }

  /** The copies that there are. */
  List<String> copies() throws IOException {
    try (Stream<Path> files = Files.list(file(".lanewise"))) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(name -> name.startsWith("lanewise-") && name.endsWith(".jar"))
          .sorted()
          .toList();
    }
  }

  Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", file("lanewise").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    if (withHome) {
      builder.environment().put("HOME", home.toString());
    }
    return builder.redirectErrorStream(true).start();
  }

  EndedProcess run(String... arguments) throws IOException, InterruptedException {
    return EndedProcess.of(start(arguments));
  }
}
