package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Fork;

/** The forks run with the flags of the launcher. */
class FlagsTest {

  @Test
  void forksHaveTheFlagsOfTheBuild() throws Exception {
    String[] flags = ForkedBenchmark.class.getAnnotation(Fork.class).jvmArgs();
    String common =
        String.join(
            " ",
            Flags.ADD_MODULES.replace('=', ' '),
            Flags.COLLECTOR,
            Flags.SAFEPOINTS,
            Flags.STRIP_MINING,
            Flags.SPILLING,
            Flags.YOUNG_GENERATION,
            Flags.FREE_HEAP);
    assertThat(property("lanewise.jvmFlags")).isEqualTo(common);
    assertThat(flags)
        .containsExactly(
            Flags.ADD_MODULES,
            Flags.COLLECTOR,
            Flags.SAFEPOINTS,
            Flags.STRIP_MINING,
            Flags.SPILLING,
            Flags.YOUNG_GENERATION,
            Flags.FREE_HEAP,
            Flags.IGNORE_UNKNOWN,
            Flags.HUGE_PAGES);
  }

  private static String property(String name) throws Exception {
    String pom = Files.readString(Path.of("..", "pom.xml"));
    Matcher matcher = Pattern.compile("<" + name + ">([^<]*)<").matcher(pom);
    assertThat(matcher.find()).as("%s in pom.xml", name).isTrue();
    return matcher.group(1);
  }
}
