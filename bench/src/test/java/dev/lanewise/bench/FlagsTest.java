package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Fork;

/** The forks run with the flags of the launcher. */
class FlagsTest {

  @Test
  void forksHaveTheFlagsOfTheBuild() throws Exception {
    String[] flags = ForkedBenchmark.class.getAnnotation(Fork.class).jvmArgs();
    int own = flags.length - 3;

    assertThat(flags).endsWith(Flags.IGNORE_UNKNOWN, Flags.HUGE_PAGES, Flags.HEAP);
    assertThat(String.join(" ", Arrays.copyOf(flags, own)).replaceFirst("=", " "))
        .isEqualTo(property("lanewise.jvmFlags"));
  }

  private static String property(String name) throws Exception {
    String pom = Files.readString(Path.of("..", "pom.xml"));
    Matcher matcher = Pattern.compile("<" + name + ">([^<]*)<").matcher(pom);
    assertThat(matcher.find()).as("%s in pom.xml", name).isTrue();
    return matcher.group(1);
  }
}
