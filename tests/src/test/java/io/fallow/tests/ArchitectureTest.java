package io.fallow.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may use whom, as {@code architecture} lays it down. */
class ArchitectureTest {

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.fallow");

  @Test
  void coreDependsDownwardOnly() {
    layeredArchitecture()
        .consideringOnlyDependenciesInAnyPackage("io.fallow..")
        .layer("basics")
        .definedBy("io.fallow.extent..", "io.fallow.bytes..")
        .layer("device")
        .definedBy("io.fallow.device..")
        .layer("format")
        .definedBy("io.fallow.format..")
        .layer("formats")
        .definedBy("io.fallow.image..", "io.fallow.volume..", "io.fallow.fs..")
        .layer("stack")
        .definedBy("io.fallow.stack..")
        .layer("plan")
        .definedBy("io.fallow.plan..")
        .layer("outside")
        .definedBy(
            "io.fallow.host..", "io.fallow.cli..", "io.fallow.testkit..", "io.fallow.bench..")
        .withOptionalLayers(true)
        .whereLayer("basics")
        .mayNotAccessAnyLayer()
        .whereLayer("device")
        .mayOnlyAccessLayers("basics")
        .whereLayer("format")
        .mayOnlyAccessLayers("basics", "device")
        .whereLayer("formats")
        .mayOnlyAccessLayers("basics", "device", "format")
        .whereLayer("stack")
        .mayOnlyAccessLayers("basics", "device", "format", "formats")
        .whereLayer("plan")
        .mayOnlyAccessLayers("basics", "device", "format", "formats", "stack")
        .whereLayer("outside")
        .mayNotBeAccessedByAnyLayer()
        .check(CLASSES);
  }

  /** What partition tables share lies in {@code volume} itself, above none of them. */
  @Test
  void formatsDoNotKnowEachOther() {
    for (String family : new String[] {"image", "volume", "fs"}) {
      slices()
          .matching("io.fallow." + family + ".(*)..")
          .should()
          .notDependOnEachOther()
          .allowEmptyShould(true)
          .check(CLASSES);
      noClasses()
          .that()
          .resideInAPackage("io.fallow." + family)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.fallow." + family + ".*..")
          .allowEmptyShould(true)
          .check(CLASSES);
    }
    noClasses()
        .that()
        .resideInAPackage("io.fallow.fs..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.fallow.volume..", "io.fallow.image..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("io.fallow.volume..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.fallow.fs..", "io.fallow.image..")
        .check(CLASSES);
  }

  @Test
  void onlyHostCallsNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.fallow.host..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.lang\\.foreign\\.(Linker|SymbolLookup|FunctionDescriptor)(\\$.*)?")
        .check(CLASSES);
  }

  @Test
  void onlyCliPrintsOrExits() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.fallow.cli..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .orShould()
        .callMethodWhere(
            DescribedPredicate.describe(
                "stops the process",
                call ->
                    call.getTargetOwner().isEquivalentTo(Runtime.class)
                        && (call.getName().equals("exit") || call.getName().equals("halt"))))
        .check(CLASSES);
  }
}
