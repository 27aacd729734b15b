package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where lines begin, in JVMs with either form of headers. */
class CacheLineTest {

  private static final String COMPACT = "-XX:+UseCompactObjectHeaders";
  private static final String PLAIN = "-XX:-UseCompactObjectHeaders";

  @ParameterizedTest
  @ValueSource(
      strings = {"-Xshare:auto", COMPACT, PLAIN, COMPACT + " " + PLAIN, PLAIN + " " + COMPACT})
  void linesBeginWhereTheJvmsHeadersPutThem(String options) throws Exception {
    assertThat(probe("JDK_JAVA_OPTIONS", "", options)).isIn("12 false", "13 true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"})
  void optionsAlsoComeFromTheEnvironment(String variable) throws Exception {
    assertThat(probe(variable, COMPACT, "-Xshare:auto")).isEqualTo("13 true");
    assertThat(probe(variable, COMPACT, PLAIN)).isIn("12 false", "13 true");
  }

  @Test
  void aPropertyOverridesWhatIsExpected() throws Exception {
    assertThat(probe("JDK_JAVA_OPTIONS", "", PLAIN + " -Dlanewise.arrayHeaderBytes=12"))
        .isEqualTo("13 false");
  }

  @Test
  void headersAreCompactFromJdk27OnUnlessTheyAreToldNotTo() {
    assertThat(CacheLine.compact(26, Stream.of())).isFalse();
    assertThat(CacheLine.compact(27, Stream.of())).isTrue();
    assertThat(CacheLine.compact(27, Stream.of("-Xmx1g", PLAIN, "-XX:+UseG1GC"))).isFalse();
    assertThat(CacheLine.compact(25, Stream.of(PLAIN, COMPACT))).isTrue();
  }

  @Test
  void linesAreSixteenFloatsApart() {
    long first = CacheLine.start(0);
    assertThat(first).isBetween(12L, 13L);
    assertThat(CacheLine.start(first)).isEqualTo(first);
    assertThat(CacheLine.start(first + 1)).isEqualTo(first + 16);
    assertThat(CacheLine.start(1L << 40)).isEqualTo((1L << 40) + first);
  }

  @Test
  void rowsAPageApartGetALineMore() {
    assertThat(CacheLine.columnStride(1000)).isEqualTo(1000);
    assertThat(CacheLine.columnStride(2048)).isEqualTo(2064);
  }

  private static String probe(String variable, String value, String options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options.split(" ", -1)));
    command.add("-cp");
    command.add(String.join(File.pathSeparator, "target/classes", "target/test-classes"));
    command.add(CacheLineProbe.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command);
    List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
        .forEach(builder.environment()::remove);
    if (!value.isEmpty()) {
      builder.environment().put(variable, value);
    }
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return output(builder.start());
  }

  private static String output(Process process) throws IOException, InterruptedException {
    try (var reader = process.inputReader(StandardCharsets.UTF_8)) {
      String line = reader.readLine();
      assertThat(process.waitFor()).isZero();
      return line;
    }
  }
}
