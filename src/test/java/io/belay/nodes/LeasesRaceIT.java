package io.belay.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.playground.EmbeddedServers;
import io.belay.playground.Java;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import liquibase.integration.spring.SpringLiquibase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;

/** Two processes race for one target; {@code -Dbelay.nodes.races=1000} is the long form. */
class LeasesRaceIT {

  private static final int RACES = Integer.getInteger("belay.nodes.races", 300);

  @Test
  void twoNodes_neverHoldTheSameTarget_andFencesGrow(@TempDir Path directory) throws Exception {
    try (EmbeddedPostgres server = EmbeddedServers.postgres().start()) {
      SpringLiquibase liquibase = new SpringLiquibase();
      liquibase.setDataSource(server.getPostgresDatabase());
      liquibase.setChangeLog("classpath:/db/changelog/db.changelog-master.yaml");
      liquibase.setResourceLoader(new DefaultResourceLoader());
      liquibase.afterPropertiesSet();
      JdbcTemplate database = new JdbcTemplate(server.getPostgresDatabase());
      database.execute("CREATE TABLE raced_target (holder text, fence bigint, entered int)");
      database.update("INSERT INTO raced_target VALUES (NULL, 0, 0)");

      List<Process> nodes = new ArrayList<>();
      for (String name : List.of("one", "two")) {
        nodes.add(
            new ProcessBuilder(
                    Java.executable(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    LeaseRacer.class.getName(),
                    server.getJdbcUrl("postgres", "postgres"),
                    name,
                    Integer.toString(RACES / 2))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start());
      }
      for (Process node : nodes) {
        boolean ended = node.waitFor(5, TimeUnit.MINUTES);
        node.destroyForcibly();
        assertThat(ended && node.exitValue() == 0)
            .as(
                Files.readString(directory.resolve("one.log"))
                    + Files.readString(directory.resolve("two.log")))
            .isTrue();
      }
      assertThat(database.queryForObject("SELECT entered FROM raced_target", Integer.class))
          .isEqualTo(RACES / 2 * 2);
    }
  }
}
