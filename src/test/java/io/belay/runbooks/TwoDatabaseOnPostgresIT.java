package io.belay.runbooks;

import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

class TwoDatabaseOnPostgresIT extends TwoDatabaseContract {

  @DynamicPropertySource
  static void engineDatabase(DynamicPropertyRegistry registry) throws Exception {
    // Ends with the JVM, since the application's context ends later than this class.
    EmbeddedPostgres engine = EmbeddedServers.postgres().start();
    registry.add("spring.datasource.url", () -> engine.getJdbcUrl("postgres", "postgres"));
    registry.add("spring.datasource.username", () -> "postgres");
    registry.add("spring.datasource.password", () -> "postgres");
  }
}
