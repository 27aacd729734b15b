package dev.lanewise.trainer.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.trainer.fixture.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JdkSourcesTest {

  @TempDir Path javaHome;

  @Test
  void takesTheTwoPackagesWithoutLicencesInSortedOrder() throws IOException {
    Map<String, String> entries = new TreeMap<>((a, b) -> b.compareTo(a));
    entries.put(
        "java.base/java/util/B.java",
        "/*\n * Copyright\n */\n\npackage java.util;\n\nclass B {}\n");
    entries.put("java.base/java/util/A.java", "// generated\n/* Copyright */\npackage java.util;");
    entries.put("java.base/java/lang/Z.java", "class Z {}\n");
    entries.put(
        "java.base/java/lang/package-info.java", "/* C */ /** Doc. */\npackage java.lang;\n");
    entries.put("java.base/java/util/zip/C.java", "no");
    entries.put("java.base/java/langx/D.java", "no");
    entries.put("java.sql/java/util/E.java", "no");
    entries.put("java.base/java/util/F.txt", "no");
    entries.put("java.base/java/util/Huge.java", "x".repeat(50_000));
    writeArchive(entries);
    assertThat(Texts.of(JdkSources.of(JdkSources.Selection.CORE, javaHome)))
        .isEqualTo(
            """
            class Z {}
            /** Doc. */
            package java.lang;
            package java.util;
            package java.util;

            class B {}
            """);
  }

  /** The modules that models are judged by stay out, and so does what repeats one of them. */
  @Test
  void theApiIsJavaAndJavaxOfTheOtherModules() throws IOException {
    Map<String, String> entries = new TreeMap<>();
    String source = "/* C */\npackage %s;\nimport a.B;\n\n\n\n\nclass %s {}\n";
    for (String taken :
        List.of(
            "java.base/java/util/zip/A.java",
            "java.base/javax/crypto/B.java",
            "java.desktop/javax/swing/text/C.java",
            "java.desktop/java/awt/E.java")) {
      entries.put(taken, source.formatted("p", taken.replaceAll(".*/|\\.java", "")));
    }
    entries.put("java.desktop/java/awt/SameAsE.java", source.formatted("p", "E"));
    for (String left :
        List.of(
            "java.sql/java/sql/No.java",
            "java.sql/javax/sql/No.java",
            "java.sql.rowset/javax/sql/rowset/No.java",
            "java.net.http/java/net/http/No.java",
            "java.logging/java/util/logging/No.java",
            "java.prefs/java/util/prefs/No.java",
            "java.base/sun/java/No.java",
            "java.base/jdk/internal/No.java")) {
      entries.put(left, source.formatted("q", "No"));
    }
    writeArchive(entries);
    assertThat(Texts.of(JdkSources.of(JdkSources.Selection.API, javaHome)))
        .doesNotContain("No", "import", "/* C */")
        .contains("class A", "class B", "class C", "class E")
        .hasLineCount(4 * 3);
  }

  @ParameterizedTest
  @CsvSource({
    "'package a;', 0",
    "'/* a */package a;', 7",
    "' /* a */\n// b\n/* */ package a;', 20",
    "'/** a */package a;', 0",
    "'/* never ends', 13",
    "'// never ends', 13"
  })
  void findsTheEndOfALicence(String source, int end) {
    assertThat(JdkSources.licenceEnd(source)).isEqualTo(end);
  }

  @Test
  void aJdkWithoutSourcesSaysWhatToPass() {
    assertThatThrownBy(() -> JdkSources.of(JdkSources.Selection.CORE, javaHome))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContaining("src.zip")
        .hasMessageContaining("--data");
  }

  @Test
  void aDamagedArchiveIsNamed() throws IOException {
    Files.createDirectories(javaHome.resolve("lib"));
    Files.writeString(javaHome.resolve("lib/src.zip"), "this is no archive");
    JdkSources sources = JdkSources.of(JdkSources.Selection.CORE, javaHome);
    assertThatThrownBy(() -> Texts.of(sources))
        .isInstanceOf(InvalidTextException.class)
        .hasMessageContaining("src.zip");
  }

  @Test
  void theRunningJdkHasAboutTwoMegabytes() throws IOException {
    Assumptions.assumeTrue(
        Files.exists(Path.of(System.getProperty("java.home"), "lib", "src.zip")),
        "this JDK has no sources");
    String text = Texts.of(JdkSources.ofRunningJdk(JdkSources.Selection.CORE));
    assertThat(text.length()).isBetween(1_500_000, 2_500_000);
    assertThat(text)
        .startsWith("package java.lang;")
        .doesNotContain("DO NOT ALTER OR REMOVE COPYRIGHT");
  }

  private void writeArchive(Map<String, String> entries) throws IOException {
    Files.createDirectories(javaHome.resolve("lib"));
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(javaHome.resolve("lib/src.zip")))) {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(UTF_8));
        zip.closeEntry();
      }
    }
  }
}
