package io.belay.target;

import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.AfterAll;

class LeasesOnPostgresIT extends LeasesContract {

  private EmbeddedPostgres server;

  @Override
  String url() throws Exception {
    server = EmbeddedServers.postgres().start();
    return server.getJdbcUrl("postgres", "postgres");
  }

  @AfterAll
  void stop() throws Exception {
    server.close();
  }
}
