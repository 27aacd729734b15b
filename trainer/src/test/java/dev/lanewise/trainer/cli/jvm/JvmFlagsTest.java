package dev.lanewise.trainer.cli.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JvmFlagsTest {
  private static final Path REPOSITORY = Path.of("..");

  @ParameterizedTest
  @ValueSource(strings = {"pom.xml", "lanewise", "lanewise.cmd"})
  void everyFileThatStartsJvmsHasTheSameFlags(String file) throws IOException {
    String text = Files.readString(REPOSITORY.resolve(file));

    assertThat(text).containsPattern("[\">=]" + quoted(JvmFlags.COMMON) + "[\"<\\r\\n]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"pom.xml", "lanewise"})
  void everyFileThatStartsJvmsOnLinuxHasTheFlagsOfLinux(String file) throws IOException {
    String text = Files.readString(REPOSITORY.resolve(file));

    assertThat(text).containsPattern("[\"> ]" + quoted(JvmFlags.LINUX) + "[\"<\\r\\n]");
  }

  @Test
  void comparisonsRunWithTheFlags() throws IOException {
    String text = Files.readString(REPOSITORY.resolve("docs/perf/compare"));

    assertThat(text.replaceAll("\\s+", " "))
        .contains(
            "flags=(%s %s "
                .formatted(String.join(" ", JvmFlags.COMMON), String.join(" ", JvmFlags.LINUX)));
  }

  @Test
  void theImageRunsWithTheFlags() throws IOException {
    List<String> flags = new ArrayList<>(JvmFlags.COMMON);
    flags.addAll(JvmFlags.LINUX);

    assertThat(Files.readString(REPOSITORY.resolve("Dockerfile")))
        .contains("/bin/java\", \"" + String.join("\", \"", flags) + "\", \"-jar\"");
  }

  @Test
  void testsRunWithTheFlags() {
    List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();

    assertThat(flags)
        .contains("--add-modules=" + JvmFlags.VECTOR_MODULE)
        .containsAll(JvmFlags.COMMON.subList(2, JvmFlags.COMMON.size()));
  }

  @Test
  void addsTheFlagsOfLinuxOnLinuxOnly() {
    assertThat(JvmFlags.with("Linux", List.of())).containsAll(JvmFlags.LINUX);
    assertThat(JvmFlags.with("Mac OS X", List.of())).isEqualTo(JvmFlags.COMMON);
    assertThat(JvmFlags.with("Windows 11", List.of())).isEqualTo(JvmFlags.COMMON);
  }

  @Test
  void theUsersFlagsComeLast() {
    assertThat(JvmFlags.with("Linux", List.of("-XX:LoopStripMiningIter=1", "-Xmx2g")))
        .endsWith("-XX:LoopStripMiningIter=1", "-Xmx2g")
        .contains("-XX:+UseG1GC");
  }

  @Test
  void theUsersCollectorReplacesOurs() {
    assertThat(JvmFlags.with("Linux", List.of("-XX:+UseParallelGC")))
        .contains("-XX:+UseParallelGC")
        .doesNotContain("-XX:+UseG1GC");
  }

  private static String quoted(List<String> flags) {
    return Pattern.quote(String.join(" ", flags));
  }
}
