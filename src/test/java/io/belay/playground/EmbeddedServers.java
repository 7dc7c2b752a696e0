package io.belay.playground;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;

/**
 * The PostgreSQL servers of tests. Zonky's own defaults are for one quiet machine: its port comes
 * from the range of outgoing connections, which another test's clients may take before the server
 * does, and it gives up after ten seconds.
 */
public final class EmbeddedServers {

  private EmbeddedServers() {}

  public static EmbeddedPostgres.Builder postgres() {
    return EmbeddedPostgres.builder().setPort(Ports.free()).setPGStartupWait(Duration.ofMinutes(2));
  }
}
