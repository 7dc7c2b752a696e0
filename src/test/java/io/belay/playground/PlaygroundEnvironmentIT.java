package io.belay.playground;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.configuration.ConfigurationTarget;
import io.belay.capability.schema.MigrationTarget;
import io.belay.target.AllTargetTypes;
import io.belay.target.Environment;
import io.belay.target.Environments;
import io.belay.target.PostgresTarget;
import io.belay.target.ServiceTarget;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** {@code environments/playground.yml} is valid, and names what is really there. */
class PlaygroundEnvironmentIT {

  private final World world = World.shared();
  private final Environment environment = load();

  private Environment load() {
    Map<String, Object> properties = new HashMap<>(world.properties());
    StandardEnvironment settings = new StandardEnvironment();
    settings.getPropertySources().addFirst(new MapPropertySource("world", properties));
    return new Environments(Path.of("environments"), settings, AllTargetTypes.types())
        .load("playground");
  }

  @Test
  void everyRoleOfTheRunbook_hasItsTarget() {
    assertThat(environment.targets())
        .containsOnlyKeys(
            "database",
            "cache",
            "documents",
            "v1",
            "v2",
            "staging",
            "router",
            "configuration",
            "migration",
            "tests",
            "document-store",
            "notifications");
  }

  @Test
  void database_canBeReached() throws Exception {
    PostgresTarget database = environment.target("database", PostgresTarget.class);
    try (Connection connection =
        DriverManager.getConnection(
            database.jdbcUrl(), database.username(), database.password().reveal())) {
      assertThat(connection.isValid(2)).isTrue();
    }
  }

  @Test
  void filesExist() {
    ConfigurationTarget configuration =
        environment.target("configuration", ConfigurationTarget.class);
    assertThat(configuration.baseline()).isRegularFile();
    assertThat(configuration.candidate()).isRegularFile();
    assertThat(configuration.files()).isNotEmpty().allSatisfy(f -> assertThat(f).isRegularFile());
    assertThat(Path.of(environment.target("migration", MigrationTarget.class).changelog()))
        .isRegularFile();
  }

  @Test
  void instancesOfBothVersions_shareNamesAndAddresses() {
    ServiceTarget v1 = environment.target("v1", ServiceTarget.class);
    ServiceTarget v2 = environment.target("v2", ServiceTarget.class);
    assertThat(v2.instances())
        .extracting(ServiceTarget.Instance::name, ServiceTarget.Instance::url)
        .containsExactlyElementsOf(
            v1.instances().stream()
                .map(i -> org.assertj.core.groups.Tuple.tuple(i.name(), i.url()))
                .toList());
  }

  @Test
  void commandsAreThoseOfTheWorld() throws Exception {
    for (String role : new String[] {"v1", "staging"}) {
      ServiceTarget service = environment.target(role, ServiceTarget.class);
      Process running = new ProcessBuilder(service.running().arguments()).start();
      assertThat(running.waitFor()).as(role).isZero();
    }
  }
}
