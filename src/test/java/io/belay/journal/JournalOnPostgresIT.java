package io.belay.journal;

import io.belay.playground.EmbeddedServers;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.junit.jupiter.api.AfterAll;

class JournalOnPostgresIT extends JournalContract {

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
