package dev.lanewise.trainer.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lanewise.trainer.cli.jvm.EndedProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the shell launcher in a {@link FakeCheckout}. */
@Tag("programs")
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "it is a shell script")
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LauncherTest {
  @TempDir(factory = TempDirFactory.Standard.class)
  private Path folder;

  /** With and without flock, where the system has one. */
  private FakeCheckout checkout(boolean flock) throws IOException {
    assumeTrue(!flock || Files.exists(Path.of("/usr/bin/flock")), "there is no flock here");
    return new FakeCheckout(folder.toRealPath(), flock);
  }

  private FakeCheckout checkout() throws IOException {
    return checkout(Files.exists(Path.of("/usr/bin/flock")));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRebuildLeavesTheJarOfARunningJvmAlone(boolean flock) throws Exception {
    FakeCheckout checkout = checkout(flock);
    Process running = checkout.start("hold");
    try (BufferedReader output = running.inputReader(UTF_8)) {
      assertThat(output.lines().takeWhile(line -> !line.startsWith("holds")).toList())
          .anyMatch(line -> line.contains("/.lanewise/lanewise-"))
          .noneMatch(line -> line.contains("target/lanewise.jar"));

      checkout.touchASource();
      assertThat(checkout.run("first").output()).contains("building the jar", "<first>");
      assertThat(checkout.copies()).hasSize(2);
      Files.createFile(checkout.file("go"));
      assertThat(output.lines().toList()).containsExactly("intact");
    }
    assertThat(running.waitFor()).isZero();

    checkout.touchASource();
    assertThat(checkout.run("second").output()).contains("<second>");
    assertThat(checkout.copies()).as("copies that nobody uses go").hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneBuildsAndTheOthersWait(boolean flock) throws Exception {
    FakeCheckout checkout = checkout(flock);
    List<Process> launchers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      launchers.add(checkout.start("number " + i));
    }

    List<String> outputs = new ArrayList<>();
    for (Process launcher : launchers) {
      EndedProcess ended = EndedProcess.of(launcher);
      assertThat(ended.exitCode()).as(ended.output()).isZero();
      outputs.add(ended.output());
    }

    assertThat(checkout.builds()).hasSize(1);
    assertThat(outputs).filteredOn(text -> text.contains("building the jar")).hasSize(1);
    assertThat(outputs).filteredOn(text -> text.contains("waiting for it")).isNotEmpty();
    assertThat(outputs).allMatch(text -> text.contains("<number "));
    assertThat(checkout.copies()).hasSize(1);
  }

  @Test
  void theLockOfADeadOwnerIsNone() throws Exception {
    FakeCheckout checkout = checkout(false);
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    Files.createDirectory(checkout.file(".lanewise"));
    Files.createSymbolicLink(checkout.file(".lanewise/owner"), Path.of(Long.toString(dead.pid())));

    assertThat(checkout.run("x").output()).contains("<x>").doesNotContain("waiting");
    assertThat(Files.exists(checkout.file(".lanewise/owner"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBuildThatFailsEndsTheLauncherAndFreesTheLock(boolean flock) throws Exception {
    FakeCheckout checkout = checkout(flock);
    Files.createFile(checkout.file("broken"));

    EndedProcess failed = checkout.run("x");
    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.output()).contains("Maven speaks");
    Files.delete(checkout.file("broken"));
    assertThat(checkout.run("x").output()).contains("<x>").doesNotContain("waiting");
  }

  @Test
  void aFreshJarIsUsedWithoutMaven() throws Exception {
    FakeCheckout checkout = checkout();
    checkout.run("x");
    checkout.run("x");

    assertThat(checkout.builds()).hasSize(1);
  }

  @Test
  void whatIsEditedWhileMavenRunsIsBuiltNextTime() throws Exception {
    FakeCheckout checkout = checkout();
    Process first = checkout.start("x");
    while (checkout.builds().isEmpty()) {
      Thread.sleep(5);
    }
    checkout.touchASource();
    EndedProcess.of(first);
    checkout.run("x");

    assertThat(checkout.builds()).hasSize(2);
  }

  @Test
  void aJarThatMavenBuiltByHandIsCopied() throws Exception {
    FakeCheckout checkout = checkout();
    jarByHand(checkout, "PK\5\6..................");

    assertThat(checkout.run("x").output())
        .contains("/.lanewise/lanewise-")
        .doesNotContain("target");
    assertThat(checkout.builds()).isEmpty();
  }

  @Test
  void aJarThatIsBeingWrittenIsNotCopied() throws Exception {
    FakeCheckout checkout = checkout();
    jarByHand(checkout, "PK\3\4 and not yet the end of it");

    assertThat(checkout.run("x").output()).contains("/.lanewise/lanewise-", "<x>");
    assertThat(checkout.builds()).hasSize(1);
  }

  private static void jarByHand(FakeCheckout checkout, String content) throws IOException {
    checkout.ageSources();
    Path jar = checkout.file("trainer/target/lanewise.jar");
    Files.createDirectories(jar.getParent());
    Files.writeString(jar, content);
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(30)));
  }

  /** A file where the folder has to be stands for a disk that cannot be written to. */
  @Test
  void aCheckoutThatCannotBeWrittenToUsesTheJarThatIsThere() throws Exception {
    FakeCheckout checkout = checkout();
    Files.createFile(checkout.file(".lanewise"));
    EndedProcess without = checkout.run("x");
    assertThat(without.exitCode()).isEqualTo(1);
    assertThat(without.output()).contains("cannot write to", "no jar yet");

    jarByHand(checkout, "PK\5\6..................");
    assertThat(checkout.run("x").output()).contains("itself: leave it alone", "<x>");
    checkout.touchASource();
    assertThat(checkout.run("x").output()).contains("older than the sources", "<x>");
    assertThat(checkout.builds()).isEmpty();
  }

  @Test
  void aStaleCopyInAReadOnlyCheckoutIsUsed() throws Exception {
    FakeCheckout checkout = checkout();
    checkout.run("x");
    checkout.touchASource();
    Files.delete(checkout.file(".lanewise/lock"));
    Files.createSymbolicLink(checkout.file(".lanewise/lock"), Path.of("nowhere/lock"));

    assertThat(checkout.run("x").output())
        .contains("cannot write to", "older than the sources", "/.lanewise/lanewise-", "<x>");
  }

  @Test
  void mavenWritesPlainTextIntoAFolderOfItsOwn() throws Exception {
    FakeCheckout checkout = checkout();

    assertThat(checkout.run("x").output()).contains("Maven speaks\n").doesNotContain("\033");
    assertThat(checkout.builds().getFirst())
        .contains("-Dstyle.color=never", "-Dlanewise.target=target/launcher", " package");
    assertThat(Files.readString(Path.of("..", "pom.xml")))
        .contains("<lanewise.target>target<", "<directory>${project.basedir}/${lanewise.target}<");
  }

  @Test
  void noHomeIsNeeded() throws Exception {
    EndedProcess ended = checkout().withoutHome().run("--version");

    assertThat(ended.exitCode()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("<--version>");
  }

  @Test
  void argumentsArePassedOnAsTheyAre() throws Exception {
    List<String> arguments = List.of("a  b", "", "*", "$HOME `id`", "it's", "\"q\"\n\\", "@x", "é");

    String output = checkout().run(arguments.toArray(String[]::new)).output();

    assertThat(output).contains("<" + String.join("><", arguments) + ">\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "-Dfoo='a b' -Dbar=c | <-Dfoo=a b><-Dbar=c>",
        "'-Dfoo=a b' | <-Dfoo=a b>",
        "-Dfoo=\"a b\"c'd e' | <-Dfoo=a bcd e>",
        "-Dfoo=a\\ b -Db=\\\\ | <-Dfoo=a b><-Db=\\>",
        "\"-Da=\\\"x\\\" \\y\" | <-Da=\"x\" \\y>",
        "-Da='' '' \"\" -Db | <-Da=><><><-Db>",
        "-Da=\"it's\" -Db='\"' | <-Da=it's><-Db=\">",
        "-Da=* -Db=$HOME -Dc=`id` -Dd=$(id);id&id|  <-Da=*><-Db=$HOME><-Dc=`id`><-Dd=$(id);id&id>",
        "-Da=é | <-Da=é>",
      })
  void optionsAreSplitAsAShellDoesIt(String options, String words) throws Exception {
    EndedProcess ended = checkout().with("LANEWISE_JAVA_OPTS", options).run("x");

    assertThat(ended.output()).contains(words + "<-jar>");
  }

  @Test
  void linesAndTabsSeparateOptionsToo() throws Exception {
    EndedProcess ended = checkout().with("LANEWISE_JAVA_OPTS", "\n-Da \t-Db\n'-Dc=\n'\n").run("x");

    assertThat(ended.output()).contains("<-Da><-Db><-Dc=\n><-jar>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"'-Dfoo=a b", "-Dfoo=\"a"})
  void aQuoteThatIsNotClosedIsAnError(String options) throws Exception {
    EndedProcess ended = checkout().with("LANEWISE_JAVA_OPTS", options).run("x");

    assertThat(ended.exitCode()).isEqualTo(2);
    assertThat(ended.output()).contains("a quote in LANEWISE_JAVA_OPTS is not closed");
  }

  @Test
  void theUsersCollectorReplacesOurs() throws Exception {
    FakeCheckout checkout = checkout();

    assertThat(checkout.with("LANEWISE_JAVA_OPTS", "-XX:+UseSerialGC").run("x").output())
        .contains("<-XX:+UseSerialGC>")
        .doesNotContain("UseG1GC");
    assertThat(checkout.with("LANEWISE_JAVA_OPTS", "-Dx='-XX:+UseSerialGC'").run("x").output())
        .contains("<-XX:+UseG1GC>");
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "xx_YY.ISO-8859-1"})
  void theJvmGetsALocaleOfUtf8(String locale) throws Exception {
    try (Stream<String> locales = locales()) {
      assumeTrue(locales.anyMatch(name -> name.matches("(?i).*\\.utf-?8")), "no UTF-8 locale here");
    }

    assertThat(checkout().with("LC_ALL", locale).run("x").output())
        .containsPattern("(?im)^LC_ALL=.*utf-?8$");
  }

  @Test
  void aLocaleOfUtf8Stays() throws Exception {
    String locale;
    try (Stream<String> locales = locales()) {
      locale = locales.filter(name -> name.matches("(?i).*\\.utf-?8")).findAny().orElse(null);
    }
    assumeTrue(locale != null, "no UTF-8 locale here");

    assertThat(checkout().with("LC_ALL", "").with("LC_CTYPE", locale).run("x").output())
        .containsPattern("(?m)^LC_ALL=$");
  }

  private static Stream<String> locales() throws IOException {
    return new ProcessBuilder("locale", "-a").start().inputReader(UTF_8).lines();
  }
}
