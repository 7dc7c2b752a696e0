package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.ArtifactStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** How the package's beans take their settings when an application starts. */
@ExtendWith(OutputCaptureExtension.class)
class TargetConfigurationTest {

  /** Without @Configuration, so that no application on the test class path scans it. */
  @Import({TargetConfiguration.class, RedisTargetType.class})
  @ComponentScan(basePackageClasses = ArtifactStore.class)
  static class Application {

    @Bean
    DataSource dataSource() {
      return mock(DataSource.class);
    }

    @Bean
    PlatformTransactionManager transactions(DataSource dataSource) {
      return new JdbcTransactionManager(dataSource);
    }
  }

  @TempDir Path directory;

  private ConfigurableApplicationContext start(String... settings) {
    SpringApplication application = new SpringApplication(Application.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    List<String> arguments = new ArrayList<>(List.of(settings));
    arguments.add("--belay.artifacts.directory=" + directory.resolve("artifacts"));
    arguments.add("--belay.environments=" + directory.resolve("environments"));
    return application.run(arguments.toArray(String[]::new));
  }

  @Test
  void keyFromASecretFile_encryptsArtifacts() throws Exception {
    Path file = directory.resolve("key");
    Files.writeString(file, Base64.getEncoder().encodeToString(new byte[32]) + "\n");

    try (var context = start("--belay.artifacts.key=${file:" + file + "}")) {
      Artifact artifact =
          context
              .getBean(ArtifactStore.class)
              .write("run-1", "a", "report", out -> java.util.Map.of());
      assertThat(artifact.encrypted()).isTrue();
      assertThat(context.getBean(ArtifactSettings.class).toString()).doesNotContain("AAAA");
    }
  }

  @Test
  void missingSecretFile_preventsTheStart_andIsNamed() {
    assertThatThrownBy(() -> start("--belay.artifacts.key=${file:/no/such/file}"))
        .hasStackTraceContaining("secret file /no/such/file cannot be read");
  }

  @Test
  void badKey_preventsTheStart_namingThePropertyAndNotTheValue(CapturedOutput output) {
    assertThatThrownBy(() -> start("--belay.artifacts.key=hunter22"))
        .hasStackTraceContaining("belay.artifacts.key holds 6 bytes");
    assertThat(output).doesNotContain("hunter22");
  }

  @Test
  void wrongEnvironmentFile_isReportedAtStart_butDoesNotPreventIt(CapturedOutput output)
      throws Exception {
    Path environments = Files.createDirectories(directory.resolve("environments"));
    Files.writeString(environments.resolve("broken.yml"), "targets: {cache: {type: redis}}");

    try (var context = start()) {
      assertThat(context.getBean(Environments.class).names()).containsExactly("broken");
    }
    assertThat(output).contains("broken.yml: targets.cache.host: must not be blank");
  }
}
