package dev.lanewise.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The plan of the house: who may import whom. Reads the compiled classes of all modules. */
class ArchitectureTest {
  private static final String MAIN = "dev.lanewise.trainer.cli.Main";

  /** Where a JVM enters that may be too old for the rest. */
  private static final String START = "dev.lanewise.trainer.cli.Start";

  /** Runs in a JVM that is not worth loading a logger for. */
  private static final String RELAUNCH = "dev.lanewise.trainer.cli.jvm.Relaunch";

  private static final JavaClasses CLASSES = compiledClasses();

  /** A class that was renamed would be left out of the rules that name it. */
  @Test
  void theClassesThatRulesNameAreThere() {
    assertThat(CLASSES.contain(MAIN)).isTrue();
    assertThat(CLASSES.contain(START)).isTrue();
    assertThat(CLASSES.contain(RELAUNCH)).isTrue();
  }

  @Test
  void importsOnlyClimbDown() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.lanewise..")
        .layer("kernels")
        .definedBy("dev.lanewise.kernels..")
        .layer("engine")
        .definedBy("dev.lanewise.engine..")
        .layer("model")
        .definedBy("dev.lanewise.model..")
        .layer("trainer")
        .definedBy("dev.lanewise.trainer..")
        .optionalLayer("bench")
        .definedBy("dev.lanewise.bench..")
        .whereLayer("bench")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("trainer")
        .mayOnlyBeAccessedByLayers("bench")
        .whereLayer("model")
        .mayOnlyBeAccessedByLayers("trainer", "bench")
        .whereLayer("engine")
        .mayOnlyBeAccessedByLayers("model", "trainer", "bench")
        .whereLayer("kernels")
        .mayOnlyBeAccessedByLayers("engine", "model", "trainer", "bench")
        .check(CLASSES);
  }

  @Test
  void kernelsNeedNothingButTheJdk() {
    classes()
        .that()
        .resideInAPackage("dev.lanewise.kernels..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.lanewise.kernels..", "java..", "jdk.incubator.vector..")
        .check(CLASSES);
  }

  @Test
  void scalarKernelsDoNotKnowTheVectorApi() {
    noClasses()
        .that()
        .resideInAPackage("dev.lanewise.kernels.scalar..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jdk.incubator.vector..", "dev.lanewise.kernels.vector..")
        .check(CLASSES);
  }

  /** One logger for all: SLF4J. */
  @Test
  void nobodyUsesTheLoggersOfTheJdk() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.util.logging..")
        .check(CLASSES);
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(RELAUNCH)
        .should()
        .dependOnClassesThat()
        .areAssignableTo(System.Logger.class)
        .orShould()
        .callMethod(System.class, "getLogger", String.class)
        .check(CLASSES);
  }

  @Test
  void onlyTheCommandLinePrints() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.lanewise.trainer.cli..", "dev.lanewise.bench..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .check(CLASSES);
  }

  /** The comparisons with peers are programs of their own, there when the profile was built. */
  @Test
  void onlyWhereTheJvmEntersItIsEnded() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName(MAIN)
        .and()
        .doNotHaveFullyQualifiedName(START)
        .and()
        .resideOutsideOfPackage("dev.lanewise.bench.peers..")
        .should()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethod(Runtime.class, "halt", int.class)
        .check(CLASSES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kernels", "engine", "model", "trainer"})
  void packagesOfAModuleFormNoCycle(String module) {
    slices().matching("dev.lanewise." + module + ".(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /** The trainer's packages, each above all that it may use. */
  private static final List<String> TRAINER =
      Stream.of(
              "progress",
              "files",
              "text.tokenizer",
              "text.tokenizer.normalizer",
              "text.tokenizer.pretokenizer",
              "text.tokenizer.merge",
              "text.tokenizer.bytepair",
              "text.tokenizer.bytefallback",
              "text.tokenizer.character",
              "text.token",
              "text.template",
              "text.conversation",
              "text",
              "settings",
              "optim",
              "step",
              "generate",
              "run.checkpoint",
              "run.metrics",
              "run.page",
              "run.report",
              "run",
              "chat",
              "run.compare",
              "export",
              "profile",
              "cli.jvm",
              "cli")
          .map(name -> "dev.lanewise.trainer." + name)
          .toList();

  @Test
  void packagesOfTheTrainerUseOnlyThoseBelow() {
    List<String> climbing = new ArrayList<>();
    Set<String> found = new TreeSet<>();
    for (JavaClass origin : CLASSES) {
      if (!origin.getPackageName().startsWith("dev.lanewise.trainer")) {
        continue;
      }
      found.add(origin.getPackageName());
      for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
        int target = TRAINER.indexOf(dependency.getTargetClass().getPackageName());
        if (target > TRAINER.indexOf(origin.getPackageName())) {
          climbing.add(dependency.getDescription());
        }
      }
    }
    assertThat(climbing).isEmpty();
    assertThat(TRAINER).as("the list above, and the packages there are").hasSameElementsAs(found);
  }

  /**
   * Used is what another package names, a test or a benchmark too, and what it gets to see by that.
   */
  @Test
  void whatOnlyItsOwnPackageUsesIsNotPublic() throws IOException {
    Set<String> used = importsOfBenchmarks();
    used.addAll(List.of(MAIN, START));
    for (JavaClass origin : new ClassFileImporter().importPaths(compiledFolders("test-classes"))) {
      addUses(origin, used);
    }
    for (JavaClass origin : CLASSES) {
      addUses(origin, used);
      if (origin.getModifiers().contains(JavaModifier.PUBLIC)) {
        addSignatures(origin, used);
      }
    }
    List<String> hidden =
        CLASSES.stream()
            .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
            .filter(type -> type.isTopLevelClass() && !type.isAssignableTo(Throwable.class))
            .map(JavaClass::getName)
            .filter(name -> !name.startsWith("dev.lanewise.bench.") && !used.contains(name))
            .sorted()
            .toList();
    assertThat(hidden).as("public classes that no other package uses").isEmpty();
  }

  private static void addUses(JavaClass origin, Set<String> used) {
    for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
      JavaClass target = dependency.getTargetClass();
      if (!target.getPackageName().equals(origin.getPackageName())) {
        used.add(outermost(target));
      }
    }
  }

  private static void addSignatures(JavaClass origin, Set<String> used) {
    for (JavaMethod method : origin.getMethods()) {
      if (method.getModifiers().contains(JavaModifier.PUBLIC)) {
        for (JavaClass type : method.getAllInvolvedRawTypes()) {
          if (!outermost(type).equals(outermost(origin))) {
            used.add(outermost(type));
          }
        }
      }
    }
  }

  private static String outermost(JavaClass type) {
    return type.getBaseComponentType().getName().replaceAll("[$].*", "");
  }

  /** From their sources: they may not be compiled yet, and the comparisons need a profile. */
  private static Set<String> importsOfBenchmarks() throws IOException {
    Pattern imported =
        Pattern.compile("(?m)^import (?:static )?(dev\\.lanewise\\.[a-z.]+\\.[A-Z]\\w*)");
    Set<String> names = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("..", "bench", "src"))) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher matcher = imported.matcher(Files.readString(source));
        while (matcher.find()) {
          names.add(matcher.group(1));
        }
      }
    }
    return names;
  }

  /** {@code bench} is built later than this test runs: there only when an earlier build left it. */
  private static JavaClasses compiledClasses() {
    return new ClassFileImporter().importPaths(compiledFolders("classes"));
  }

  private static List<Path> compiledFolders(String name) {
    List<Path> folders =
        Stream.of("kernels", "engine", "model", "trainer", "bench")
            .map(module -> Path.of("..", module, "target", name))
            .filter(Files::isDirectory)
            .toList();
    assertThat(folders).as("compiled modules").hasSizeGreaterThanOrEqualTo(4);
    return folders;
  }
}
