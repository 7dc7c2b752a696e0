package io.belay.face.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.belay.Belay;
import io.belay.step.Node;
import io.belay.step.StepCatalog;
import io.belay.target.Leases;
import io.belay.target.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.support.PropertiesLoaderUtils;

class AgentContextTest {

  @Test
  void agent_hasTheSteps_butNoDatabaseAndNoPort(@TempDir Path directory) throws IOException {
    try (ConfigurableApplicationContext agent =
        new SpringApplicationBuilder(Belay.class)
            .profiles("agent")
            .run(
                "--belay.agent.name=eu",
                "--belay.agent.password=a password",
                "--belay.agent.url=http://127.0.0.1:1", // nobody is there; it asks again and again
                "--belay.environments=" + directory,
                "--belay.artifacts.directory=" + directory.resolve("artifacts"))) {
      assertThat(agent.getBean(StepCatalog.class).names())
          .as("all but the one that needs the engine's database")
          .containsExactlyInAnyOrderElementsOf(
              described().filter(step -> !step.equals("awaitStepsStopped")).toList());
      assertThat(agent.getBean(Node.class).name()).startsWith("eu:");
      assertThat(agent.getBeanNamesForType(DataSource.class)).isEmpty();
      assertThat(agent.getBeanNamesForType(Leases.class)).isEmpty();
      assertThat(agent.getBeanNamesForType(org.camunda.bpm.engine.ProcessEngine.class)).isEmpty();
      assertThat(agent.getEnvironment().getProperty("local.server.port")).isNull();
    }
  }

  /** Every step is described in that file; a test of the step catalog insists. */
  private static Stream<String> described() throws IOException {
    return PropertiesLoaderUtils.loadAllProperties("steps.properties")
        .stringPropertyNames()
        .stream()
        .filter(name -> !name.contains("."));
  }

  @Test
  void passwordGoesOverHttps_orToThisVeryMachine() {
    assertThat(properties("https://belay.example.org", false)).isNotNull();
    assertThat(properties("http://127.0.0.1:8080", false)).isNotNull();
    assertThat(properties("http://belay:8080", true)).isNotNull();
    assertThatThrownBy(() -> properties("http://192.0.2.1:8080", false))
        .hasMessageContaining("belay.agent.url")
        .hasMessageContaining("must be https");
    assertThatThrownBy(() -> properties("", false)).hasMessageContaining("must be https");
  }

  private static AgentProperties properties(String url, boolean allowHttp) {
    return new AgentProperties("eu", Secret.of("a password"), URI.create(url), allowHttp);
  }
}
