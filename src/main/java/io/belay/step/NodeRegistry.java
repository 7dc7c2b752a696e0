package io.belay.step;

import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.ArtifactStore;
import io.belay.artifact.ArtifactStoreIdentity;
import io.belay.journal.RunningSteps;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * The nodes that share the engine's database. A node with a different artifacts directory from the
 * others does not start: it would restore from backups that are not there.
 */
@Component
@Profile("!agent")
class NodeRegistry implements InitializingBean, DisposableBean {

  private static final Logger log = LoggerFactory.getLogger(NodeRegistry.class);

  /** With more skew, locks would end too early or too late. */
  private static final Duration MOST_SKEW = Duration.ofSeconds(5);

  private final JdbcTemplate jdbc;
  private final RunningSteps clock;
  private final Node node;
  private final String store;

  /**
   * @param created injected because it creates the directory
   */
  NodeRegistry(
      JdbcTemplate jdbc,
      RunningSteps clock,
      Node node,
      ArtifactSettings artifacts,
      ArtifactStore created) {
    this.jdbc = jdbc;
    this.clock = clock;
    this.node = node;
    this.store = new ArtifactStoreIdentity(artifacts.directory()).value();
  }

  @Override
  public void afterPropertiesSet() {
    LocalDateTime now = now();
    jdbc.update("DELETE FROM belay_node WHERE heartbeat < ?", now.minus(RunningSteps.DEAD_AFTER));
    jdbc.update(
        "INSERT INTO belay_node (name, started_at, heartbeat, artifact_store) VALUES (?,?,?,?)",
        node.name(),
        now,
        now,
        store);
    List<String> others =
        jdbc.queryForList(
            "SELECT name FROM belay_node WHERE artifact_store <> ? ORDER BY name",
            String.class,
            store);
    if (!others.isEmpty()) {
      destroy();
      throw new IllegalStateException(
          "belay.artifacts.directory: this node does not see the same directory as %s, which work on the same database; mount one directory into all of them"
              .formatted(others));
    }
    Duration skew = Duration.between(clock.now(), Instant.now()).abs();
    if (skew.compareTo(MOST_SKEW) > 0) {
      log.warn(
          "The clock of this machine and of the database's differ by {} s; locks of steps need clocks that agree to within {} s. Keep both by NTP",
          skew.toSeconds(),
          MOST_SKEW.toSeconds());
    }
  }

  @Scheduled(fixedDelay = 2000)
  void beat() {
    try {
      jdbc.update("UPDATE belay_node SET heartbeat = ? WHERE name = ?", now(), node.name());
    } catch (RuntimeException e) {
      log.warn("This node could not say that it lives; trying again: {}", e.getMessage());
    }
  }

  @Override
  public void destroy() {
    jdbc.update("DELETE FROM belay_node WHERE name = ?", node.name());
  }

  private LocalDateTime now() {
    return LocalDateTime.ofInstant(clock.now(), ZoneOffset.UTC);
  }
}
