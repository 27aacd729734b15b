package dev.lanewise.trainer.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code lanewise.cmd}: that it takes the same steps as the shell launcher, and, where there is
 * Wine, that an interpreter of such files takes them. It has never been run on Windows.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WindowsLauncherTest {
  private static final Path SCRIPT = Path.of("..", "lanewise.cmd");
  private static final Path WINE = Path.of("/usr/bin/wine");

  private static final List<String> MAVEN =
      List.of(
          "@echo off",
          "echo %*>>\"%~dp0..\\builds\"",
          "mkdir \"%~dp0..\\trainer\\target\\launcher\"",
          ">\"%~dp0..\\trainer\\target\\launcher\\lanewise.jar\" echo jar",
          "exit /b 0");

  @TempDir private Path folder;

  @Test
  void mavenIsCalledAsByTheShellLauncher() throws IOException {
    Pattern options =
        Pattern.compile("-pl trainer -am -Dquick[ \\\\\\n]+-Dlanewise.target=(\\S+) ");
    for (String launcher : List.of("lanewise", "lanewise.cmd")) {
      String text = Files.readString(Path.of("..", launcher));
      Matcher call = options.matcher(text);

      assertThat(call.find()).as(launcher).isTrue();
      assertThat(call.group(1)).as(launcher).isEqualTo("target/launcher");
      assertThat(text).contains("-q -B -ntp -Dstyle.color=never -f");
    }
  }

  @Test
  void theSameFilesMakeAJarStale() throws IOException {
    String shell = Files.readString(Path.of("..", "lanewise"));
    String windows = Files.readString(SCRIPT);

    for (String module : List.of("kernels", "engine", "model", "trainer")) {
      for (String source : List.of(module + "/pom.xml", module + "/src/main")) {
        assertThat(shell).contains(source);
        assertThat(windows).contains(source);
      }
    }
  }

  @Test
  void everyLabelThatIsCalledIsThere() throws IOException {
    String text = Files.readString(SCRIPT);

    assertThat(text.replace("\r\n", "")).doesNotContain("\n");
    Matcher jump = Pattern.compile("(?:call :|goto )(\\w+)").matcher(text);
    while (jump.find()) {
      assertThat(text).contains("\r\n:" + jump.group(1) + "\r\n");
    }
  }

  @Test
  void whatRunsIsACopyOfWhatMavenBuilt() throws Exception {
    assumeTrue(Files.exists(WINE), "there is no Wine here");
    prepareCheckout();

    String output = run("train", "a b");

    Path copy = copies().getFirst();
    // The stand-in for java.exe is cmd.exe, which prints what follows "/c echo".
    assertThat(output).contains("-jar \"" + windowsPath(copy) + "\" train \"a b\"");
    assertThat(Files.readString(copy)).startsWith("jar");
    assertThat(Files.readAllLines(folder.resolve("builds")))
        .singleElement()
        .asString()
        .contains("-Dlanewise.target=target/launcher package");
  }

  private List<Path> copies() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(".lanewise"))) {
      return files.filter(file -> file.toString().endsWith(".jar")).toList();
    }
  }

  private void prepareCheckout() throws Exception {
    Files.copy(SCRIPT, folder.resolve("lanewise.cmd"));
    for (String module : List.of(".", "kernels", "engine", "model", "trainer")) {
      Files.createDirectories(folder.resolve(module).resolve("src/main"));
      Files.createFile(folder.resolve(module).resolve("pom.xml"));
    }
    Files.createDirectories(folder.resolve("jdk/bin"));
    Files.writeString(
        folder.resolve("jdk/release"),
        "JAVA_VERSION=\"25\"\r\nMODULES=\"java.base jdk.incubator.vector\"\r\n");
    Files.createDirectory(folder.resolve("tools"));
    Files.write(folder.resolve("tools/mvn.cmd"), MAVEN);
    wine("cmd", "/c", "copy", "c:\\windows\\system32\\cmd.exe", windowsPath("jdk/bin/java.exe"));
    assumeTrue(Files.exists(folder.resolve("jdk/bin/java.exe")), "Wine does not work here");
  }

  private String windowsPath(String file) {
    return windowsPath(folder.resolve(file));
  }

  private static String windowsPath(Path file) {
    return "Z:" + file.toAbsolutePath().toString().replace('/', '\\');
  }

  private String run(String... arguments) throws Exception {
    return wine(
        Stream.concat(Stream.of("cmd", "/c", "lanewise.cmd"), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private String wine(String... command) throws Exception {
    File output = folder.resolve("output").toFile();
    List<String> all = Stream.concat(Stream.of(WINE.toString()), Stream.of(command)).toList();
    ProcessBuilder builder = new ProcessBuilder(all).directory(folder.toFile());
    builder.environment().put("WINEDEBUG", "-all");
    builder.environment().put("WINEPATH", windowsPath("tools"));
    builder.environment().put("JAVA_HOME", windowsPath("jdk"));
    builder.environment().put("LANEWISE_JAVA_OPTS", "/c echo");
    // Into a file: Wine's server holds a pipe for seconds after the program's end.
    Process process = builder.redirectErrorStream(true).redirectOutput(output).start();
    assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
    return Files.readString(output.toPath(), UTF_8);
  }
}
