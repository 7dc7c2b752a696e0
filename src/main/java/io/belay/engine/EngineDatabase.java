package io.belay.engine;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;

/**
 * Configures the sessions with the engine's database.
 *
 * <p>On PostgreSQL, bounds every wait for it. Otherwise a network that drops all packets would
 * block each thread that queries the database for ever, and Belay with it, even after the network
 * is back. Limits in the address itself ({@code ?socketTimeout=300}) are kept.
 *
 * <p>Also bounds how long the other nodes wait for a node that froze in the middle of a
 * transaction: the rows that it had locked, the journal's head among them, would stay locked until
 * it resumes. The server ends its session instead, and with it the transaction.
 *
 * <p>The sessions' time zone is UTC: the engine's times have no zone of their own.
 *
 * <p>H2 repeats a cached statement's last result if nothing was changed since; but it counts a
 * commit only once it is in the file, which is later than others see it. One page could show a
 * task, and the next one of the same user none. So no statements are cached.
 */
@Component
class EngineDatabase implements BeanPostProcessor {

  /**
   * Settings of PostgreSQL's driver, in seconds. No statement of the engine or of Belay takes
   * longer.
   */
  private static final Map<String, String> LIMITS =
      Map.of(
          "connectTimeout", "10",
          "loginTimeout", "10",
          "socketTimeout", "60",
          "cancelSignalTimeout", "10",
          "tcpKeepAlive", "true");

  private static final String STATEMENTS_KEPT = ";QUERY_CACHE_SIZE=";

  private final String sessionSettings;

  /**
   * @param longestIdle how long a transaction may be idle; longer than a step may take inside a
   *     transaction ({@code belay.step.short-limit})
   */
  EngineDatabase(@Value("${belay.engine.idle-in-transaction:60s}") Duration longestIdle) {
    this.sessionSettings =
        "SET idle_in_transaction_session_timeout = %d; SET TIME ZONE 'UTC'"
            .formatted(longestIdle.toMillis());
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (bean instanceof HikariDataSource pool && pool.getJdbcUrl() != null) {
      if (pool.getJdbcUrl().startsWith("jdbc:postgresql:")) {
        bound(pool);
        begin(pool, sessionSettings);
      } else if (pool.getJdbcUrl().startsWith("jdbc:h2:")) {
        keepNoStatements(pool);
        begin(pool, "SET TIME ZONE 'UTC'");
      }
    }
    return bean;
  }

  private static void bound(HikariDataSource pool) {
    LIMITS.forEach(
        (property, limit) -> {
          if (!pool.getJdbcUrl().contains(property + "=")) {
            pool.getDataSourceProperties().putIfAbsent(property, limit);
          }
        });
  }

  private static void keepNoStatements(HikariDataSource pool) {
    String url = pool.getJdbcUrl();
    if (!url.toUpperCase(Locale.ROOT).contains(STATEMENTS_KEPT)) {
      pool.setJdbcUrl(url + STATEMENTS_KEPT + "0");
    }
  }

  private static void begin(HikariDataSource pool, String sql) {
    if (pool.getConnectionInitSql() == null) {
      pool.setConnectionInitSql(sql);
    }
  }
}
