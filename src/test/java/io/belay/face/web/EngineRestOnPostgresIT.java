package io.belay.face.web;

import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The same with the engine on PostgreSQL. */
@DirtiesContext
@Tag("full")
class EngineRestOnPostgresIT extends EngineRestTest {

  private static EmbeddedPostgres engine;

  @DynamicPropertySource
  static void engineDatabase(DynamicPropertyRegistry registry) throws Exception {
    engine = EmbeddedServers.postgres().start();
    registry.add("spring.datasource.url", () -> engine.getJdbcUrl("postgres", "postgres"));
    registry.add("spring.datasource.username", () -> "postgres");
    registry.add("spring.datasource.password", () -> "postgres");
  }

  @AfterAll
  static void stop() throws Exception {
    engine.close();
  }
}
