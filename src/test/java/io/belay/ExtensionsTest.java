package io.belay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.step.StepCatalog;
import io.belay.target.Environments;
import io.belay.target.InvalidEnvironment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The example of {@code docs/extending.md}, as a jar in the directory of extensions. */
class ExtensionsTest {

  private static final Path EXAMPLE = Path.of("examples/own-step/src/main");

  @TempDir Path directory;

  /** What its own pom does; tests must not need Maven. */
  private Path build() throws IOException {
    Path classes = Files.createDirectories(directory.resolve("classes"));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-parameters",
                "-proc:none",
                "-d",
                classes.toString(),
                "-cp",
                System.getProperty("java.class.path")));
    try (Stream<Path> sources = Files.walk(EXAMPLE.resolve("java"))) {
      sources.map(Path::toString).filter(file -> file.endsWith(".java")).forEach(arguments::add);
    }
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, arguments.toArray(String[]::new)))
        .isZero();
    Path extensions = Files.createDirectories(directory.resolve("extensions"));
    try (var jar = new JarOutputStream(Files.newOutputStream(extensions.resolve("own-step.jar")))) {
      add(jar, classes);
      add(jar, EXAMPLE.resolve("resources"));
    }
    Files.writeString(extensions.resolve("README.txt"), "not a jar");
    return extensions;
  }

  private static void add(JarOutputStream jar, Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        jar.putNextEntry(new JarEntry(root.relativize(file).toString()));
        Files.copy(file, jar);
        jar.closeEntry();
      }
    }
  }

  private ConfigurableApplicationContext start(ClassLoader loader) {
    SpringApplication application = Belay.application(loader);
    application.setAdditionalProfiles("agent"); // steps and targets; no engine, no port
    return application.run(
        "--belay.agent.name=eu",
        "--belay.agent.password=a password",
        "--belay.agent.url=http://127.0.0.1:1", // nobody is there
        "--belay.environments=" + directory,
        "--belay.artifacts.directory=" + directory.resolve("artifacts"));
  }

  private void environment(Path file) throws IOException {
    Files.writeString(
        directory.resolve("shop.yml"),
        "targets: {maintenance: {type: maintenance-flag, file: %s}}".formatted(file),
        StandardCharsets.UTF_8);
  }

  @Test
  void stepsAndTargets_ofAJar_areLikeBelaysOwn() throws Exception {
    environment(directory.resolve("flag"));
    try (var belay = start(Extensions.classLoader(build()))) {
      assertThat(belay.getBean(StepCatalog.class).names())
          .contains("enterMaintenance", "leaveMaintenance", "runCommand");
      Environments environments = belay.getBean(Environments.class);
      assertThat(environments.load("shop").targets().get("maintenance").describe())
          .startsWith("maintenance flag ");
      environment(directory.resolve("nowhere/flag"));
      assertThatThrownBy(() -> environments.load("shop"))
          .isInstanceOf(InvalidEnvironment.class)
          .hasMessageContaining("targets.maintenance.file: must be in a directory that exists");
    }
  }

  @Test
  void withoutTheJar_theTypeIsUnknown() throws Exception {
    environment(directory.resolve("flag"));
    try (var belay = start(Extensions.classLoader(directory.resolve("no-extensions")))) {
      assertThatThrownBy(() -> belay.getBean(Environments.class).load("shop"))
          .hasMessageContaining("targets.maintenance.type: must be one of checklist, command, ");
    }
  }
}
