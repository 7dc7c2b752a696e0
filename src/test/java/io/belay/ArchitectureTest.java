package io.belay;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.domain.properties.HasOwner;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.belay.file.PrivateFiles;
import io.belay.step.StepDelegate;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
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
      List.of(
          "backup",
          "schema",
          "check",
          "rollout",
          "configuration",
          "notify",
          "document",
          "change",
          "measure",
          "flag",
          "backfill",
          "contract",
          "outbox");

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
        .resideInAnyPackage("io.belay.*", "io.belay.capability.*", "io.belay.face.*")
        .should()
        .beAnnotatedWith(ApplicationModule.class)
        .check(CODE);
    assertThat(
            CODE.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.matches("io\\.belay\\.((capability|face)\\.)?[a-z]+"))
                .map(name -> name + ".package-info")
                .distinct())
        .isNotEmpty()
        .allMatch(CODE::contain);
  }

  @Test
  void onlyEngineModelStepAndSecurity_knowCamunda() {
    noClasses()
        .that(
            not(
                resideInAnyPackage(
                    "io.belay.step..",
                    "io.belay.engine..",
                    "io.belay.model..",
                    "io.belay.security..")))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.camunda..")
        .because("a move to a maintained fork of the engine must stay a rename")
        .check(CODE);
  }

  @Test
  void capabilities_knowStepsAndTargetsOnly_andNeverEachOther() {
    for (String capability : CAPABILITIES) {
      String itself = "io.belay.capability." + capability + "..";
      noClasses()
          .that()
          .resideInAPackage(itself)
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.belay..")
                  .and(
                      not(
                          resideInAnyPackage(
                              itself,
                              "io.belay.step..",
                              "io.belay.target..",
                              "io.belay.artifact..",
                              "io.belay.command..",
                              "io.belay.file..",
                              "io.belay.split.."))))
          .check(CODE);
    }
  }

  @Test
  void nobodyKnowsACapability_butItself() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.belay.run..",
            "io.belay.engine..",
            "io.belay.model..",
            "io.belay.face.web..",
            "io.belay.step..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            CAPABILITIES.stream()
                .map(name -> "io.belay.capability." + name + "..")
                .toArray(String[]::new))
        .check(CODE);
  }

  @Test
  void theGateway_standsAlone() {
    noClasses()
        .that()
        .resideInAPackage("io.belay.gateway..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.belay..")
                .and(
                    not(
                        resideInAnyPackage(
                            "io.belay.gateway..", "io.belay.file..", "io.belay.split.."))))
        .because("it outlives Belay")
        .check(CODE);
  }

  @Test
  void packages_haveNoCycles() {
    slices().matching("io.belay.(*)..").should().beFreeOfCycles().check(CODE);
    slices().matching("io.belay.face.(*)..").should().beFreeOfCycles().check(CODE);
  }

  @Test
  void steps_liveInCapabilities_orInTheSpine() {
    classes()
        .that()
        .areAssignableTo(StepDelegate.class)
        .should()
        .resideInAnyPackage(
            Stream.concat(
                    CAPABILITIES.stream().map(name -> "io.belay.capability." + name),
                    Stream.of("io.belay.step"))
                .toArray(String[]::new))
        .check(CODE);
  }

  /**
   * Whether it makes a file or directory; one that only writes to a file that is there does not.
   */
  private static final DescribedPredicate<JavaAccess<?>> MAKES_FILES =
      DescribedPredicate.describe(
          "make files",
          access -> {
            String owner = access.getTargetOwner().getName();
            String name = access.getTarget().getName();
            return switch (owner) {
              case "java.nio.file.StandardOpenOption" -> name.startsWith("CREATE");
              case "java.nio.file.Files" ->
                  name.startsWith("create")
                      || name.startsWith("write")
                      || Set.of("newBufferedWriter", "newOutputStream", "newByteChannel")
                          .contains(name)
                      || name.equals("copy") && makesTheTarget(access);
              case "java.io.File" -> name.startsWith("create") || name.startsWith("mkdir");
              case "java.io.FileOutputStream", "java.io.FileWriter", "java.io.RandomAccessFile" ->
                  true;
              case "java.io.PrintStream", "java.io.PrintWriter", "java.util.Formatter" ->
                  access instanceof JavaConstructorCall call
                      && call.getTarget().getRawParameterTypes().stream()
                          .findFirst()
                          .filter(first -> first.isEquivalentTo(File.class))
                          .isPresent();
              default -> owner.startsWith("org.springframework.util.FileCopyUtils");
            };
          });

  /** Others copy to a stream. */
  private static boolean makesTheTarget(JavaAccess<?> access) {
    return access instanceof JavaMethodCall call
        && call.getTarget().getRawParameterTypes().get(1).isEquivalentTo(Path.class);
  }

  @Test
  void files_areMadeInOnePlace_thatKeepsOtherAccountsOut() {
    noClasses()
        .that(not(resideInAPackage("io.belay.file..")))
        .should()
        .accessTargetWhere(MAKES_FILES)
        .because("PrivateFiles makes them for their owner only, whatever the umask")
        .check(CODE);
    assertThat(
            CODE.get(PrivateFiles.class).getAccessesFromSelf().stream().filter(MAKES_FILES::test))
        .as("what the rule looks for, where it is allowed")
        .hasSizeGreaterThan(4);
  }

  @Test
  void childProcesses_areMadeInOnePlace_thatKeepsBelaysEnvironmentFromThem() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("io.belay.command.Launch")
        .should()
        .callConstructor(ProcessBuilder.class, List.class)
        .orShould()
        .callConstructor(ProcessBuilder.class, String[].class)
        .orShould()
        .callMethodWhere(
            JavaCall.Predicates.target(HasName.Predicates.name("exec"))
                .and(
                    JavaCall.Predicates.target(
                        HasOwner.Predicates.With.owner(type(Runtime.class)))))
        .because("Launch lets a child inherit a few harmless variables, and no secret")
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
