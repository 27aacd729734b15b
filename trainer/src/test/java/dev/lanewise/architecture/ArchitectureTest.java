package dev.lanewise.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The plan of the house: who may import whom. Reads the compiled classes of all modules. */
class ArchitectureTest {
  private static final JavaClasses CLASSES = compiledClasses();

  @Test
  void importsOnlyClimbDown() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("dev.lanewise..")
        .withOptionalLayers(true)
        .layer("kernels")
        .definedBy("dev.lanewise.kernels..")
        .layer("engine")
        .definedBy("dev.lanewise.engine..")
        .layer("model")
        .definedBy("dev.lanewise.model..")
        .layer("trainer")
        .definedBy("dev.lanewise.trainer..")
        .layer("bench")
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
        .allowEmptyShould(true)
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
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** One logger for all: SLF4J. Relaunch runs in a JVM that is not worth loading it for. */
  @Test
  void nobodyUsesTheLoggersOfTheJdk() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.util.logging..")
        .check(CLASSES);
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.lanewise.trainer.cli.jvm.Relaunch")
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
        .doNotHaveFullyQualifiedName("dev.lanewise.trainer.cli.Main")
        .and()
        .doNotHaveFullyQualifiedName("dev.lanewise.trainer.cli.Start")
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
    slices()
        .matching("dev.lanewise." + module + ".(**)")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** {@code bench} is built later than this test runs: there only when an earlier build left it. */
  private static JavaClasses compiledClasses() {
    List<Path> folders =
        Stream.of("kernels", "engine", "model", "trainer", "bench")
            .map(module -> Path.of("..", module, "target", "classes"))
            .filter(Files::isDirectory)
            .toList();
    assertThat(folders).as("compiled modules").hasSizeGreaterThanOrEqualTo(4);
    return new ClassFileImporter().importPaths(folders);
  }
}
