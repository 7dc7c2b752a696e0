package io.belay;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.belay.step.StepDelegate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.ApplicationModule;
import org.springframework.modulith.core.ApplicationModules;

/** Packages are modules; who may know whom. */
class ArchitectureTest {

  private static final JavaClasses CODE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.belay");

  /** Those that know what an effect on a system is, and nothing of runs. */
  private static final List<String> CAPABILITIES =
      List.of("backup", "schema", "check", "rollout", "configuration", "notify", "document");

  @Test
  void modules_useOnlyWhatTheyDeclare() {
    ApplicationModules.of(Belay.class).verify();
  }

  @Test
  void everyModule_declaresWhatItUses() {
    classes()
        .that()
        .haveSimpleName("package-info")
        .and()
        .resideInAPackage("io.belay.*")
        .should()
        .beAnnotatedWith(ApplicationModule.class)
        .check(CODE);
    assertThat(ApplicationModules.of(Belay.class).stream())
        .extracting(module -> module.getBasePackage().getName() + ".package-info")
        .allMatch(CODE::contain);
  }

  @Test
  void onlyStepProcessAndSecurity_knowTheEngine() {
    noClasses()
        .that(
            not(resideInAnyPackage("io.belay.step..", "io.belay.process..", "io.belay.security..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.camunda..")
        .because("a move to a maintained fork of the engine must stay a rename")
        .check(CODE);
  }

  @Test
  void capabilities_knowStepsAndTargetsOnly_andNeverEachOther() {
    for (String capability : CAPABILITIES) {
      String itself = "io.belay." + capability + "..";
      noClasses()
          .that()
          .resideInAPackage(itself)
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.belay..")
                  .and(not(resideInAnyPackage(itself, "io.belay.step..", "io.belay.target.."))))
          .check(CODE);
    }
  }

  @Test
  void nobodyKnowsACapability_butItself() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.belay.run..", "io.belay.process..", "io.belay.web..", "io.belay.step..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            CAPABILITIES.stream().map(name -> "io.belay." + name + "..").toArray(String[]::new))
        .check(CODE);
  }

  @Test
  void theGateway_standsAlone() {
    noClasses()
        .that()
        .resideInAPackage("io.belay.gateway..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.belay..").and(not(resideInAPackage("io.belay.gateway.."))))
        .because("it outlives Belay")
        .check(CODE);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("io.belay.(*)..").should().beFreeOfCycles().check(CODE);
  }

  @Test
  void steps_liveInCapabilities_orInTheSpine() {
    classes()
        .that()
        .areAssignableTo(StepDelegate.class)
        .should()
        .resideInAnyPackage(
            Stream.concat(
                    CAPABILITIES.stream().map(name -> "io.belay." + name),
                    Stream.of("io.belay.step"))
                .toArray(String[]::new))
        .check(CODE);
  }

  @Test
  void names_sayWhatAThingIs() {
    noClasses()
        .should()
        .haveNameMatching(".*(Manager|Helper|Util|Utils|Impl)|.*\\.Base[A-Z].*")
        .check(CODE);
  }
}
